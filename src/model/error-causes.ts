/**
 * Why an error happened, by the errors that it was thrown for: `exception.cause` down to the last one, as a record has it in its
 * fields, nested or under keys joined by dots.
 */

type Fields = Readonly<Record<string, unknown>>

const CAUSE = 'exception.cause'
const ERRORS = 'exception.errors'
/** A longer chain is a loop, or nobody's. */
const MAX_CAUSES = 8
/** Of an AggregateError. */
const MAX_ERRORS = 4

/** The outermost first: `TypeError: fetch failed`, then `getaddrinfo ENOTFOUND api.test`. Empty when nothing is said. */
export function causesOf(fields: Fields): string[] {
  return [...errorsOf(fields, ERRORS), ...chainOf(fields, CAUSE)].filter((text) => text !== '').slice(0, MAX_CAUSES)
}

/** Keys that the causes have been read from. */
export function isCauseKey(key: string): boolean {
  return isBelow(key, CAUSE) || isBelow(key, ERRORS)
}

function isBelow(key: string, prefix: string): boolean {
  return key.startsWith(prefix) && (key.length === prefix.length || key[prefix.length] === '.')
}

/** `exception.cause.message`, `exception.cause.cause.message`, ...; what lies too deep for keys is JSON text. */
function chainOf(fields: Fields, start: string): string[] {
  const texts: string[] = []
  for (let prefix = start; texts.length < MAX_CAUSES; prefix = `${prefix}.cause`) {
    const whole = valueOf(fields[prefix])
    if (isObject(whole)) return [...texts, ...nestedChain(whole)]
    const [type, message, code] = ['type', 'message', 'code'].map((name) => fields[`${prefix}.${name}`])
    const errors = errorsOf(fields, `${prefix}.errors`)
    if (type === undefined && message === undefined && errors.length === 0) {
      // Anything can be a cause: `new Error('x', { cause: 'text' })`.
      return whole === undefined || whole === null ? texts : [...texts, textOf(whole)]
    }
    texts.push(errorText({ type, message, code }), ...errors)
  }
  return texts
}

function nestedChain(first: Fields): string[] {
  const texts: string[] = []
  let at: unknown = first
  for (; isObject(at) && texts.length < MAX_CAUSES; at = valueOf(at['cause']))
    texts.push(errorText(at), ...listed(at['errors']))
  return typeof at === 'string' ? [...texts, at] : texts
}

function errorsOf(fields: Fields, key: string): string[] {
  return listed(valueOf(fields[key]))
}

function listed(errors: unknown): string[] {
  if (!Array.isArray(errors)) return []
  return errors.slice(0, MAX_ERRORS).map((error) => (isObject(error) ? errorText(error) : textOf(error)))
}

/** A code says more than nothing: Node's AggregateError has no message. */
function errorText({ type, message, code }: Fields): string {
  const name = typeof type === 'string' && type !== 'Error' ? type : ''
  const text = [message, code].find((part): part is string => typeof part === 'string' && part !== '')
  if (text === undefined) return name
  return name === '' ? text : `${name}: ${text}`
}

/** Lists and deep maps are JSON text in a flat line. */
function valueOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
