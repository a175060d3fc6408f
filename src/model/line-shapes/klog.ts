/**
 * `I0912 14:35:22.001234   12345 server.go:42] it works`: klog and glog, Kubernetes' own programs; with klog's pairs behind a quoted
 * message.
 */
import { fieldsOf, readPairs, readQuoted } from './logfmt.ts'
import { timeFields, timeWithoutYear } from './line-time.ts'
import { levelFields, type Shape, type ShapedFields } from './shape.ts'

const KLOG = /^([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{1,9}) {1,8}(\d{1,10}) ([^\s\]]{1,256}:\d{1,7})\] /

export const readKlog: Shape = (line, nowMillis) => {
  const match = KLOG.exec(line)
  if (match === null) return undefined
  const [head, letter = '', month, day, clock = '', thread, place = ''] = match
  const time = timeWithoutYear({ month: Number(month), day: Number(day), clock }, nowMillis)
  return {
    ...timeFields(time),
    level: levelFields(letter)['level']!,
    ...messageOf(line, head.length),
    logger: place,
    thread: Number(thread),
  }
}

function messageOf(line: string, start: number): ShapedFields {
  if (line[start] === '"') {
    const { value, end } = readQuoted(line, start)
    const pairs = end < 0 ? undefined : readPairs(line, end)
    if (pairs !== undefined) return { ...fieldsOf(pairs), message: value }
  }
  return { message: line.slice(start) }
}
