/**
 * What a plugin prints, on standard error of the backend: each line with the rule's name, and no more than a person can read.
 */
import type { Readable } from 'node:stream'

import { monotonicMillis } from '../../../diag/clock.ts'
import { tell } from '../../../diag/events.ts'

/** In a second. Characters. */
const MAX_SHOWN = 16 * 1024
/** Of one line. Characters. */
const MAX_LINE = 2_000

export function printedLines(stream: Readable, rule: string): void {
  let rest = ''
  let [second, shown, hidden] = [0, 0, 0]
  const show = (line: string): void => {
    const now = Math.floor(monotonicMillis() / 1_000)
    if (now !== second) {
      if (hidden > 0) tell(`rule "${rule}": ${hidden} characters that it printed are not shown`)
      second = now
      shown = 0
      hidden = 0
    }
    if (shown + line.length > MAX_SHOWN) hidden += line.length
    else {
      shown += line.length
      tell(`rule "${rule}": ${line}`)
    }
  }
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = text.split('\n')
    lines[0] = rest + (lines[0] ?? '')
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    for (const line of lines) if (line !== '') show(line.slice(0, MAX_LINE))
  })
  stream.on('end', () => rest !== '' && show(rest))
  stream.on('error', () => undefined)
}
