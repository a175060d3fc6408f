/**
 * Lines that container runtimes and journald keep of what programs print: docker's json-file, CRI (containerd, CRI-O), journald's JSON.
 *
 * The first two cut long lines: docker leaves the newline out of all pieces but the last, CRI marks them P (partial) and F (full).
 */
import type { AnyValue } from '../any-value.ts'
import { severityOfSyslog } from '../severity.ts'
import { timeFields, timeOfField, timeOfText } from './line-time.ts'
import { levelOfNumber, type ShapedFields, type Wrapped, type Wrapper } from './shape.ts'

const CRI = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF])(?::\w+)* /

export const unwrapCri: Wrapper = (line) => {
  const match = CRI.exec(line)
  if (match === null) return undefined
  const [head, time = '', stream = '', tag] = match
  return {
    inner: line.slice(head.length),
    fields: { ...timeFields(timeOfText(time)), stream },
    isPartial: tag === 'P',
    stream,
  }
}

/** `{"log":"...\n","stream":"stdout","time":"..."}`, with `attrs` or without; fluent-bit and Kubernetes add to it. */
export function unwrapDocker(object: Readonly<ShapedFields>): Wrapped | undefined {
  const { log, stream, time, ...others } = object
  if (typeof log !== 'string') return undefined
  const isDocker = typeof stream === 'string' && typeof time === 'string'
  if (!isDocker && object['kubernetes'] === undefined && object['container_name'] === undefined) return undefined
  const isPartial = isDocker && !log.endsWith('\n')
  return {
    inner: log.endsWith('\n') ? log.slice(0, -1) : log,
    fields: { ...timeFields(timeOfField(time)), ...(typeof stream === 'string' ? { stream } : {}), ...others },
    isPartial,
    stream: typeof stream === 'string' ? stream : '',
  }
}

/** What journald adds to each entry and nobody searches for. */
const JOURNAL_OWN = /^_|^SYSLOG_(?:FACILITY|TIMESTAMP|RAW|PID)$|^(?:MESSAGE|PRIORITY|SYSLOG_IDENTIFIER)$/

/** `journalctl -o json`. */
export function unwrapJournal(object: Readonly<ShapedFields>): Wrapped | undefined {
  const micros = object['__REALTIME_TIMESTAMP']
  if (typeof micros !== 'string' || !/^\d{10,17}$/.test(micros)) return undefined
  const message = journalText(object['MESSAGE'])
  if (message === undefined) return undefined
  const source = object['_SOURCE_REALTIME_TIMESTAMP']
  const exact = typeof source === 'string' && /^\d{10,17}$/.test(source) ? source : micros
  const priority = object['PRIORITY']
  const service = object['SYSLOG_IDENTIFIER'] ?? object['_SYSTEMD_UNIT'] ?? object['_COMM']
  return {
    inner: message,
    fields: {
      ...timeFields(BigInt(exact) * 1_000n),
      ...(typeof priority === 'string' && /^[0-7]$/.test(priority)
        ? levelOfNumber(severityOfSyslog(Number(priority)))
        : {}),
      ...(typeof service === 'string' ? { service } : {}),
      ...(typeof object['_HOSTNAME'] === 'string' ? { 'host.name': object['_HOSTNAME'] } : {}),
      ...(typeof object['_PID'] === 'string' ? { pid: Number(object['_PID']) } : {}),
      ...Object.fromEntries(Object.entries(object).filter(([name]) => !JOURNAL_OWN.test(name))),
    },
  }
}

/** Text that is not clean comes as a list of its bytes. */
function journalText(message: AnyValue | undefined): string | undefined {
  if (typeof message === 'string') return message
  if (!Array.isArray(message) || !message.every((byte) => typeof byte === 'number')) return undefined
  return new TextDecoder().decode(Uint8Array.from(message as readonly number[]))
}
