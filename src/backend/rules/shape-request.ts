/**
 * One request through the rules: what is kept of it, and who is given which part of that later.
 */
import { completedRecord } from '../../model/completed-record.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../model/otlp-decode.ts'
import type { Signal } from '../../model/signal.ts'
import type { Judgement, RuleJudge } from './judge.ts'
import { rewriteRecord } from './rewrite-record.ts'
import { rewriteRequest } from './rewrite-request.ts'
import type { Subject } from './subject.ts'

export interface ArrivedRequest {
  readonly signal: Signal
  /** Checked: it is known to parse. */
  readonly bytes: Uint8Array
  readonly receivedUnixNano: bigint
}

export interface ShapedRequest {
  /** The same object where nothing was changed. */
  readonly bytes: Uint8Array
  /** Records or spans left. */
  readonly count: number
  /** By index of rule: records that met it, and those it dropped. */
  readonly matched: readonly number[]
  readonly dropped: readonly number[]
  readonly parts: readonly DeliveryPart[]
}

/** What one delivery is given of a request. */
export interface DeliveryPart {
  /** Index of the judge's `deliveries`. */
  readonly delivery: number
  readonly signal: Signal
  /** A request of its own. */
  readonly bytes: Uint8Array
  readonly count: number
}

export function shapeRequest(judge: RuleJudge, request: ArrivedRequest): ShapedRequest {
  const subjects = subjectsOf(request)
  const judged = subjects.map((subject) => judge.judge(subject))
  const matched = judge.rules.map(() => 0)
  const dropped = judge.rules.map(() => 0)
  for (const { met, isDropped } of judged) {
    for (const rule of met) matched[rule]!++
    if (isDropped) dropped[met.at(-1) as number]!++
  }
  const bytes = keptBytes(request.bytes, subjects, judged)
  const kept = judged.filter(({ isDropped }) => !isDropped)
  return { bytes, count: kept.length, matched, dropped, parts: partsOf(judge, { ...request, bytes }, kept) }
}

/** In the order of the request, each as the store will see it. */
function subjectsOf({ signal, bytes, receivedUnixNano }: ArrivedRequest): Subject[] {
  if (signal === 'logs') {
    return decodeLogsRequest(bytes).flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ scope, records }) =>
        records.map((item): Subject => ({
          signal,
          item: completedRecord(item, receivedUnixNano),
          resource,
          scope,
        })),
      ),
    )
  }
  return decodeTracesRequest(bytes).flatMap(({ resource, scopes }) =>
    scopes.flatMap(({ scope, spans }) => spans.map((item): Subject => ({ signal, item, resource, scope }))),
  )
}

function keptBytes(bytes: Uint8Array, subjects: readonly Subject[], judged: readonly Judgement[]): Uint8Array {
  const isSame = judged.every(({ subject, isDropped }, index) => !isDropped && subject === subjects[index])
  if (isSame) return bytes
  return rewriteRequest(bytes, {
    record: (index, ofRecord) => {
      const [before, after] = [subjects[index], judged[index]]
      if (before === undefined || after === undefined) return ofRecord
      if (after.isDropped) return undefined
      return after.subject === before ? ofRecord : rewriteRecord(ofRecord, before, after.subject)
    },
  })
}

function partsOf(judge: RuleJudge, { signal, bytes }: ArrivedRequest, kept: readonly Judgement[]): DeliveryPart[] {
  return judge.deliveries.flatMap((_, delivery) => {
    const isMeant = kept.map(({ deliveries }) => deliveries.includes(delivery))
    const count = isMeant.filter(Boolean).length
    if (count === 0) return []
    const all = count === kept.length
    const own = all
      ? bytes
      : rewriteRequest(bytes, { record: (index, record) => (isMeant[index] ? record : undefined) })
    return [{ delivery, signal, bytes: own, count }]
  })
}
