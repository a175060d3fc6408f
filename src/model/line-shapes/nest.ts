/**
 * Lines of Nest's own Logger: `[Nest] 123  - 11/30/2026, 4:00:00 PM     LOG [Router] Mapped {/, GET} route +1ms`.
 *
 * Its time is written as the machine's language has it: it is not read.
 */
import { levelOfNumber, severityOfWord, type Shape } from './shape.ts'

const NEST =
  /^\[[\w .-]{1,64}\] \d{1,10} {1,4}- [^\n]{6,40}? {1,12}(LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) (?:\[([^\]\n]{1,128})\] )?/

export const readNest: Shape = (line) => {
  if (!line.startsWith('[')) return undefined
  const match = NEST.exec(line)
  if (match === null) return undefined
  const [head, level = '', context] = match
  // `LOG` is its word for what is usual.
  const fields = {
    ...levelOfNumber(severityOfWord(level)!, level === 'LOG' ? '' : level),
    message: line.slice(head.length),
  }
  return context === undefined ? fields : { ...fields, logger: context }
}
