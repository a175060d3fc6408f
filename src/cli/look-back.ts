/**
 * How far a search has come that looks further and further back: one line of the terminal, which goes away when the answer is there.
 */
import { formatTimestamp } from '../model/time.ts'
import type { LookBack } from '../sources/loki.ts'
import type { Output } from './io.ts'

const CLEAR_LINE = '\r\u001b[K'

/** @returns `undefined` where nobody looks: a pipe, a file */
export function createLookBack(output: Output): LookBack | undefined {
  if (!output.isTerminal) return undefined
  let isShown = false
  return {
    to(from) {
      isShown = true
      output.write(`${CLEAR_LINE}looking back to ${formatTimestamp(from).slice(0, 16).replace('T', ' ')} UTC …`)
    },
    end() {
      if (isShown) output.write(CLEAR_LINE)
      isShown = false
    },
  }
}
