/**
 * How are a record's fields and its level written on a line? `key=value`.
 */
import { shownFields } from '../../model/shown-fields.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { cutMiddle } from './cut-middle.ts'

/** Longer values lose their middle: one line per record. Characters. */
export const MAX_VALUE_LENGTH = 200

/** @param said  keys whose values the line shows already */
export function fieldsText(
  fields: Readonly<Record<string, unknown>> | undefined,
  said: ReadonlySet<string> = new Set(),
): string {
  return shownFields(fields ?? {}, said)
    .map(([name, value]) => `${visibleLine(name)}=${valueText(value)}`)
    .join(' ')
}

/** A word as it is, everything else as JSON: what is quoted and what is a number stays visible. */
function valueText(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? String(value))
  return visibleLine(cutMiddle(text, MAX_VALUE_LENGTH))
}

/** The level as one letter: T D I W E F. */
export function levelLetter(level: string | undefined): string {
  return /^[TDIWEF]/.exec((level ?? 'INFO').toUpperCase())?.[0] ?? 'I'
}
