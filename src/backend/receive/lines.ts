/**
 * `POST /v1/lines`: flat JSON lines, lines of any program, access lines of load balancers as log records, for anything without an SDK.
 *
 * `?kind=` says what the lines are: `flat` (the default: read as model/line-shapes/ knows them), or a load balancer's
 * (model/access-log/). A line that is none of its kind is a record whose body is the line; of access lines the answer says how many. `?service=` names
 * who sends lines that do not say it themselves.
 */
import {
  ACCESS_LOG_KINDS,
  type AccessLogKind,
  isAccessLogKind,
  readAccessLine,
} from '../../model/access-log/read-access-line.ts'
import { type FlatRecord, recordOfFields } from '../../model/flat-line-read.ts'
import { createShapedLineReader } from '../../model/line-shapes/read-line.ts'
import { type InstrumentationScope, recordOfText, type Resource } from '../../model/log-record.ts'
import { OtlpEncoder } from '../../model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../model/otlp-request.ts'
import { createClock } from '../../diag/clock.ts'
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
  /** Those among them that are no access lines of the kind that was said, and are kept as text. */
  readonly unreadable?: number
  /** What is wrong with the first of them. */
  readonly first_problem?: string
}

type LinesKind = 'flat' | AccessLogKind

/**
 * Resolves when all lines are kept.
 *
 * @throws Refusal `malformed` (an unknown `kind`), `too_large`; what the intake throws
 */
export async function takeLines(bytes: Uint8Array, params: URLSearchParams, intake: Intake): Promise<LinesAnswer> {
  const kind = kindOf(params)
  // One byte that is no UTF-8 (another encoding, a cut character) costs that character, not the lines.
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line.trim() !== '')
  if (lines.length > MAX_RECORDS) throw new Refusal('too_large', `there are more than ${MAX_RECORDS} lines`)
  if (lines.length === 0) return { accepted: 0 }

  const service = params.get('service')?.trim() || (kind === 'flat' ? DEFAULT_SERVICE : kind)
  const problems: string[] = []
  const observed = clock.nowUnixNano()
  const records = kind === 'flat' ? readAny(lines, observed) : readAccess(kind, lines, { observed, problems })
  await intake.take({ signal: 'logs', format: 'protobuf', bytes: requestOf(records, service) })
  return { accepted: records.length, ...(problems.length === 0 ? {} : answerOf(problems)) }
}

/** @throws Refusal `malformed` */
function kindOf(params: URLSearchParams): LinesKind {
  const kind = params.get('kind') ?? 'flat'
  if (kind === 'flat' || isAccessLogKind(kind)) return kind
  const kinds = ['flat', ...ACCESS_LOG_KINDS].join(', ')
  throw new Refusal('malformed', `kind is ${JSON.stringify(kind.slice(0, 40))}, but must be one of ${kinds}`)
}

const NOBODY = { resource: { attributes: {} }, scope: { name: '', version: '' } }

/** Lines of any program; pieces of one line, which a container runtime cut, are one record. */
function readAny(lines: readonly string[], observed: bigint): FlatRecord[] {
  const reader = createShapedLineReader()
  const shaped = [...lines.flatMap((line) => reader.read(line) ?? []), ...reader.end()]
  return shaped.map(({ fields, text, isPlain }) =>
    isPlain ? plainRecord(text, observed) : recordOfFields(fields, { observedTimeUnixNano: observed }),
  )
}

function readAccess(
  kind: AccessLogKind,
  lines: readonly string[],
  { observed, problems }: { readonly observed: bigint; readonly problems: string[] },
): FlatRecord[] {
  return lines.map((line, index) => {
    const record = readAccessLine(kind, line, observed)
    if (typeof record !== 'string') return { ...NOBODY, record }
    problems.push(`line ${index + 1} is kept as text: ${record}`)
    return plainRecord(line, observed)
  })
}

function plainRecord(line: string, observed: bigint): FlatRecord {
  return { ...NOBODY, record: { ...recordOfText(line, observed), severityNumber: PLAIN_SEVERITY } }
}

function answerOf(problems: readonly string[]): Pick<Required<LinesAnswer>, 'unreadable' | 'first_problem'> {
  return { unreadable: problems.length, first_problem: problems[0]! }
}

interface Sender {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly encoder: OtlpEncoder
}

/** Lines of the same sender stay together, and in order. */
function requestOf(records: readonly FlatRecord[], service: string): Uint8Array {
  const senders = new Map<string, Sender>()
  for (const { record, resource, scope } of records) {
    const attributes = { 'service.name': service, ...resource.attributes }
    const name = JSON.stringify([attributes, scope], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    )
    const sender = senders.get(name) ?? {
      resource: { attributes },
      scope,
      encoder: new OtlpEncoder({ chunkBytes: 4_096 }),
    }
    senders.set(name, sender)
    sender.encoder.appendLog(record)
  }
  return assembleRequest(
    [...senders.values()].map(({ resource, scope, encoder }) => ({
      resource: encodeResource(resource),
      scopes: [{ scope: encodeScope(scope), records: [encoder.take()] }],
    })),
  )
}
