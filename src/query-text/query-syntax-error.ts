/**
 * Says where a query text is wrong and what was expected there.
 */
import { TracelogError } from '../diag/errors.ts'

/** Recognise it by `code` TRACELOG_QUERY_SYNTAX. */
export class QuerySyntaxError extends TracelogError {
  /** Where in the text, in UTF-16 units from 0: the column to point at. */
  readonly at: number

  constructor(message: string, at: number, expected: string) {
    super(`${message} at column ${at + 1}, but expected ${expected}`, {
      code: 'TRACELOG_QUERY_SYNTAX',
      hint: `Write ${expected} there; "tracelog query --help" shows the grammar.`,
    })
    this.at = at
  }
}
