/**
 * A field's value as a term of the query language: `user:42`, `-path:"/a b"`.
 */

/** Nobody looks for a longer value as a whole: then it is asked whether the field is there. Characters. */
const MAX_VALUE = 200

export function fieldTerm(name: string, value: unknown, isNot: boolean): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return `${isNot ? '-' : ''}${name}:${valueTerm(text)}`
}

function valueTerm(text: string): string {
  if (text.length > MAX_VALUE || text.includes('\n')) return '*'
  if (/^[\w./-]+$/.test(text)) return text
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`
}
