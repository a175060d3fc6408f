/**
 * What may stand where the caret is in a query: keys, operators with them, or values of the key before it. Pure.
 */
import type { FieldRow } from '../../model/api.ts'
import { termOf, tokensOf } from './query-tokens.ts'

/** The piece of the text that is being written. */
export interface Unfinished {
  /** The key whose value it is; undefined: it is a key itself. */
  readonly key: string | undefined
  readonly prefix: string
  /** Where the term begins, with its key. */
  readonly from: number
  readonly to: number
}

export interface Completion {
  /** What is shown. */
  readonly label: string
  /** What takes the place of the term. */
  readonly text: string
}

const MOST = 10

/** @returns undefined where nothing is to be completed: after a blank, within quotes of a message */
export function unfinishedAt(text: string, caret: number): Unfinished | undefined {
  const tokens = tokensOf(text.slice(0, caret))
  const last = tokens.at(-1)
  if (last === undefined) return undefined
  if (last.kind === 'value' && tokens.at(-2)?.kind !== 'operator')
    return { key: undefined, prefix: last.text, from: last.at, to: caret }
  const operatorAt = last.kind === 'operator' ? tokens.length - 1 : tokens.length - 2
  const [key, operator] = [tokens[operatorAt - 1], tokens[operatorAt]]
  if (operator?.kind !== 'operator' || ![':', '='].includes(operator.text) || key?.kind !== 'key') return undefined
  const prefix = last.kind === 'operator' ? '' : last.text.replace(/^"/, '')
  return { key: key.text, prefix, from: key.at, to: caret }
}

/** The ten that fit best: keys by how many records have them, values by how many have that one. */
export function completionsOf({ key, prefix }: Unfinished, fields: readonly FieldRow[]): readonly Completion[] {
  const begins = (text: string): boolean => text.toLowerCase().startsWith(prefix.toLowerCase()) && text !== prefix
  const found =
    key === undefined
      ? fields.filter((field) => begins(field.key)).map((field) => ({ label: field.key, text: `${field.key}:` }))
      : (fields.find((field) => field.key === key)?.values ?? [])
          .filter(begins)
          .map((value) => ({ label: value, text: `${termOf(key, value)} ` }))
  return found.slice(0, MOST)
}
