/**
 * How is a text that is too long redacted and cut, so that a secret across the cut is hidden whole?
 *
 * Secrets are looked for in what is kept and a margin behind it (decision 6): the time does not depend on what follows. Then the
 * cut is made in the redacted text. What is left of the margin are whole secrets, hidden.
 */
import { CUT_MARGIN } from '../model/log-record.ts'

/**
 * @param text  longer than `maxLength`
 * @returns at most `maxLength` characters
 */
export function cutHidden(text: string, maxLength: number, hide: (text: string) => string): string {
  const window = text.slice(0, maxLength + CUT_MARGIN)
  const hidden = hide(window)
  // Behind the last secret both end alike: so much of the margin was not touched, and may end within a secret itself.
  const margin = window.length - maxLength
  let untouched = 0
  while (untouched < margin && window.at(-1 - untouched) === hidden.at(-1 - untouched)) untouched++
  return wholeCharacters(hidden.slice(0, Math.min(maxLength, hidden.length - untouched)))
}

/** Half of a surrogate pair is no character. */
function wholeCharacters(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}
