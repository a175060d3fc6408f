/** What is wrong with a question, in words for who asked. */
export class QuestionError extends Error {}
