/**
 * How long may an answer be, and what of its rows is in it? Pure.
 *
 * The first line, what is said of all rows, and the last line are always there; rows go by their rank (tree/text/fit-rows.ts).
 */
import { fitRows, type FittedRows, type RankedRow } from '../tree/text/fit-rows.ts'

/** Of English and of log lines alike, near enough. */
export const CHARACTERS_PER_TOKEN = 4
/** Tokens, where the tool has no other default. Source: spec, "What goes wrong with others": clients refuse more than 25,000. */
export const DEFAULT_BUDGET = 2_000
export const MAX_BUDGET = 10_000
/** Less does not hold the first and the last line with a record between them. */
export const MIN_BUDGET = 200

/** What is always there, so that rows get the rest. Characters, with its line ends. */
export interface Frame {
  readonly length: number
}

/** Of the rows, what fits beside the frame. @param tokens  of the whole answer */
export function fitToBudget(rows: readonly RankedRow[], frame: Frame, tokens: number): FittedRows {
  return fitRows(rows, Math.max(0, tokens * CHARACTERS_PER_TOKEN - frame.length))
}

/** A text's tokens, as they are counted here. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}
