/**
 * Which query was meant, where one edit makes it one? For whoever is told that it is wrong.
 */
import { nearest } from '../model/nearest.ts'
import { parseQueryText } from './parse.ts'
import { QuerySyntaxError } from './query-syntax-error.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
/** Longer ones are no slip of the hand. Characters. */
const MAX_LENGTH = 2_000

/** @returns the first of the likely edits that parses; undefined for a query that is right, and for one that none mends */
export function correctedQuery(text: string): string | undefined {
  const at = text.length > MAX_LENGTH ? undefined : errorAt(text)
  return at === undefined
    ? undefined
    : edits(text, at).find((edit) => edit.trim() !== '' && errorAt(edit) === undefined)
}

function errorAt(text: string): number | undefined {
  try {
    parseQueryText(text)
    return undefined
  } catch (error) {
    return error instanceof QuerySyntaxError ? error.at : undefined
  }
}

/** The most likely first. */
function edits(text: string, at: number): string[] {
  const [before, after] = [text.slice(0, at), text.slice(at)]
  return [
    ...levelEdits(text),
    text.replace(/ (?:AND|OR) *$/, ''),
    // An operator that the key does not take.
    `${before}${after.replace(/^(?:!=|>=|<=|=|>|<)/, ':')}`,
    `${text}"`,
    `${text})`,
    `${before}${after.slice(1)}`,
    `${before.slice(0, -1)}${after}`,
  ].filter((edit) => edit !== text)
}

/** `level:eror`. */
function levelEdits(text: string): string[] {
  const [, before, value] = /^(.*\blevel\s*(?::|!=|>=|<=|=|>|<))([a-z]+)/is.exec(text) ?? []
  const meant = value === undefined ? undefined : nearest(value, LEVELS)
  return before === undefined || value === undefined || meant === undefined
    ? []
    : [before + meant + text.slice(before.length + value.length)]
}
