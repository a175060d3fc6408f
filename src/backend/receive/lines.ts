/**
 * `POST /v1/lines`: flat JSON lines or plain text as log records, for anything that has no SDK.
 *
 * A line that is a flat line of ours becomes its record; every other line is a record whose body is the line. `?service=`
 * names who sends lines that do not say it themselves.
 */
import { parseFlatLine } from '../../model/flat-line-read.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../../model/log-record.ts'
import { OtlpEncoder } from '../../model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../model/otlp-request.ts'
import { createClock } from '../../model/time.ts'
import { MAX_RECORDS } from './check-request.ts'
import type { Intake } from './intake.ts'
import { Refusal } from './receive-sink.ts'

/** INFO: what somebody took the trouble to write down. */
const PLAIN_SEVERITY = 9
const DEFAULT_SERVICE = 'unknown_service'
const clock = createClock()

/** What was read. */
export interface LinesAnswer {
  /** Records kept. */
  readonly accepted: number
}

/**
 * Resolves when all lines are kept.
 *
 * @throws Refusal `malformed` (not UTF-8, an unknown `kind`), `too_large`; what the intake throws
 */
export async function takeLines(bytes: Uint8Array, params: URLSearchParams, intake: Intake): Promise<LinesAnswer> {
  const kind = params.get('kind') ?? 'flat'
  if (kind !== 'flat') throw new Refusal('malformed', `kind is ${JSON.stringify(kind.slice(0, 40))}, but must be flat`)
  const lines = textOf(bytes)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  if (lines.length > MAX_RECORDS) throw new Refusal('too_large', `there are more than ${MAX_RECORDS} lines`)
  if (lines.length === 0) return { accepted: 0 }

  const request = requestOf(lines, params.get('service')?.trim() || DEFAULT_SERVICE)
  await intake.take({ signal: 'logs', format: 'protobuf', bytes: request })
  return { accepted: lines.length }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal('malformed', 'the body is not UTF-8 text')
  }
}

interface Sender {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly encoder: OtlpEncoder
}

/** Lines of the same sender stay together, and in order. */
function requestOf(lines: readonly string[], service: string): Uint8Array {
  const senders = new Map<string, Sender>()
  const observedTimeUnixNano = clock.nowUnixNano()
  for (const line of lines) {
    const flat = parseFlatLine(line, { observedTimeUnixNano })
    const attributes = { 'service.name': service, ...flat?.resource.attributes }
    const scope = flat?.scope ?? { name: '', version: '' }
    const name = JSON.stringify([attributes, scope], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    )
    const sender = senders.get(name) ?? {
      resource: { attributes },
      scope,
      encoder: new OtlpEncoder({ chunkBytes: 4_096 }),
    }
    senders.set(name, sender)
    sender.encoder.appendLog(flat?.record ?? plainRecord(line, observedTimeUnixNano))
  }
  return assembleRequest(
    [...senders.values()].map(({ resource, scope, encoder }) => ({
      resource: encodeResource(resource),
      scopes: [{ scope: encodeScope(scope), records: [encoder.take()] }],
    })),
  )
}

function plainRecord(body: string, observedTimeUnixNano: bigint): LogRecord {
  return {
    timeUnixNano: observedTimeUnixNano,
    observedTimeUnixNano,
    severityNumber: PLAIN_SEVERITY,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}
