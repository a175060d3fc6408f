/**
 * A long text without its middle: how it begins, how long it was, how it ends.
 *
 * The end stays, for there stands what went wrong: a path's file, a query's condition, a cause.
 */

/** `aaaa…(12,345 characters)…zz`, at most `length` characters; shorter texts as they are. @param length  at least 40 */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text
  const mark = `…(${text.length.toLocaleString('en')} characters)…`
  const kept = length - mark.length
  const end = Math.floor(kept / 3)
  return `${text.slice(0, wholeUpTo(text, kept - end))}${mark}${text.slice(wholeFrom(text, text.length - end))}`
}

/** No half of a pair is left. */
function wholeUpTo(text: string, at: number): number {
  return isLowHalf(text, at) ? at - 1 : at
}

function wholeFrom(text: string, at: number): number {
  return isLowHalf(text, at) ? at + 1 : at
}

function isLowHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}
