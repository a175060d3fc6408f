/**
 * Which fields stand in the text that pino keeps of a logger's bindings: `,"reqId":"req-1","attempt":2`?
 *
 * A framework makes a child for each request, so most texts are read once. Few plain pairs are cut out one by one, in a third of the time
 * that `JSON.parse` takes for so short a text (Node 24); all others are for that.
 */
import { type AnyValue, setField } from '../../../model/any-value.ts'

/** More pairs than that are parsed. */
const MAX_PAIRS = 4

const QUOTE = 0x22
const BACKSLASH = '\\'
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})$/

/** @param text  what `JSON.stringify` has written, each pair after a comma. @returns nothing of a text that is none of that */
export function fieldsInText(text: string): Record<string, AnyValue> {
  if (text === '') return {}
  return plainPairs(text) ?? parsed(text)
}

function parsed(text: string): Record<string, AnyValue> {
  try {
    return JSON.parse(`{${text.slice(1)}}`) as Record<string, AnyValue>
  } catch {
    return {}
  }
}

/** @returns `undefined`: a closer look is needed */
function plainPairs(text: string): Record<string, AnyValue> | undefined {
  if (text.includes(BACKSLASH)) return undefined
  const fields: Record<string, AnyValue> = {}
  let at = 0
  for (let pairs = 0; at < text.length; pairs++) {
    const keyEnd = text.startsWith(',"', at) ? text.indexOf('":', at + 2) : -1
    if (keyEnd === -1 || pairs === MAX_PAIRS) return undefined
    const valueAt = keyEnd + 2
    const isText = text.charCodeAt(valueAt) === QUOTE
    const end = isText ? text.indexOf('"', valueAt + 1) + 1 : endOfLiteral(text, valueAt)
    if (end === 0) return undefined
    const value = isText ? text.slice(valueAt + 1, end - 1) : literal(text.slice(valueAt, end))
    if (value === undefined) return undefined
    setField(fields, text.slice(at + 2, keyEnd), value)
    at = end
  }
  return fields
}

function endOfLiteral(text: string, from: number): number {
  const comma = text.indexOf(',', from)
  return comma === -1 ? text.length : comma
}

/** @returns `undefined`: it is more than a literal */
function literal(text: string): AnyValue | undefined {
  switch (text) {
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    default:
      return PLAIN_NUMBER.test(text) ? Number(text) : undefined
  }
}
