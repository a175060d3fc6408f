/**
 * Lines of syslog: RFC 5424, RFC 3164, and the same without the priority as rsyslog writes them to files.
 */
import { severityOfSyslog } from '../severity.ts'
import { timeFields, timeOfText, timeWithoutYear } from './line-time.ts'
import { levelOfNumber, type ShapedFields, type Wrapped, type Wrapper } from './shape.ts'

const PRIORITY = /^<(\d{1,3})>/
const RFC_5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const RFC_3164 = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) /
/** rsyslog's and journald's files: a whole time instead. */
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /
/** `host app[123]: `, the host left out by some. */
const SENDER = /^(?:([\w.:-]{1,255}) )?([\w./@() -]{1,48}?)(?:\[(\d{1,10})\])?: /

export const unwrapSyslog: Wrapper = (line, nowMillis) => {
  const priority = PRIORITY.exec(line)
  const rest = priority === null ? line : line.slice(priority[0].length)
  const level = priority === null ? {} : levelOfNumber(severityOfSyslog(Number(priority[1]) % 8))
  return (priority === null ? undefined : unwrap5424(rest, level)) ?? unwrapOld(rest, level, nowMillis)
}

function unwrap5424(line: string, level: ShapedFields): Wrapped | undefined {
  const match = RFC_5424.exec(line)
  if (match === null) return undefined
  const [head, time = '', host, app, pid, id] = match
  const data = structuredData(line, head.length)
  if (data === undefined) return undefined
  const inner = line.slice(data.end).replace(/^ ?\ufeff?/, '')
  return {
    inner,
    fields: {
      ...timeFields(timeOfText(time)),
      ...level,
      ...said('service', app),
      ...said('host.name', host),
      ...(/^\d{1,10}$/.test(pid ?? '') ? { pid: Number(pid) } : said('pid', pid)),
      ...said('msgid', id),
      ...data.fields,
    },
  }
}

function said(name: string, value: string | undefined): ShapedFields {
  return value === undefined || value === '-' ? {} : { [name]: value }
}

/** `-`, or `[id name="value" ...]` once or more. @returns also where it ends */
function structuredData(line: string, start: number): { fields: ShapedFields; end: number } | undefined {
  if (line[start] === '-') return { fields: {}, end: start + 1 }
  const fields: ShapedFields = {}
  let at = start
  while (line[at] === '[') {
    const end = elementEnd(line, at)
    if (end < 0) return undefined
    for (const [, name, value = ''] of line.slice(at, end).matchAll(/ ([\w@.-]{1,64})="((?:[^"\\]|\\.)*)"/g))
      fields[name!] = value.replace(/\\(["\\\]])/g, '$1')
    at = end + 1
  }
  return at === start ? undefined : { fields, end: at }
}

/** Where the `]` of an element is: not within its quotes. */
function elementEnd(line: string, start: number): number {
  let isQuoted = false
  for (let at = start; at < line.length; at++) {
    const character = line[at]
    if (character === '\\' && isQuoted) at++
    else if (character === '"') isQuoted = !isQuoted
    else if (character === ']' && !isQuoted) return at
  }
  return -1
}

function unwrapOld(line: string, level: ShapedFields, nowMillis: number): Wrapped | undefined {
  const head = timeAtStart(line, nowMillis)
  if (head === undefined) return undefined
  const rest = line.slice(head.length)
  const sender = SENDER.exec(rest)
  // Without a sender only a priority says that it is syslog.
  if (sender === null && level['level'] === undefined) return undefined
  const [whole = '', host, app, pid] = sender ?? []
  // `<time> ERROR something: ` is no sender.
  if (head.isIso && (host === undefined || level['level'] === undefined) && pid === undefined) return undefined
  return {
    inner: rest.slice(whole.length),
    fields: {
      ...timeFields(head.time),
      ...level,
      ...(app === undefined ? {} : { service: app }),
      ...(host === undefined ? {} : { 'host.name': host }),
      ...(pid === undefined ? {} : { pid: Number(pid) }),
    },
  }
}

interface TimeHead {
  readonly time: bigint | undefined
  readonly length: number
  readonly isIso: boolean
}

function timeAtStart(line: string, nowMillis: number): TimeHead | undefined {
  const old = RFC_3164.exec(line)
  if (old !== null) {
    const [whole, name = '', day, clock = ''] = old
    const month = MONTHS.indexOf(name) + 1
    if (month === 0) return undefined
    return { time: timeWithoutYear({ month, day: Number(day), clock }, nowMillis), length: whole.length, isIso: false }
  }
  const iso = ISO.exec(line)
  if (iso === null) return undefined
  return { time: timeOfText(iso[1]!), length: iso[0].length, isIso: true }
}
