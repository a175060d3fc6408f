/**
 * What the answer of a destination means for the records it was about: delivered, or lost and why.
 */
import { say, sayOnce } from '../diag/events.ts'
import type { Removed } from './batch-parts.ts'
import type { DropLedger, LosingLane } from './drop-ledger.ts'
import type { LaneSpec } from './lane-spec.ts'
import { NOT_YET, type Answer } from './transports/answer.ts'
import { otherProtocolAt } from './transports/other-protocol.ts'

/** An answer that is for good. */
export type FinalAnswer = Exclude<Answer, { readonly kind: 'unreachable' }>

export interface AnsweredLane extends LosingLane {
  /** How messages call the destination. */
  readonly label: string
}

/** @returns whether any of the records were delivered */
export function countAnswer(lane: AnsweredLane, ledger: DropLedger, answer: FinalAnswer, records: Removed): boolean {
  const { label } = lane
  if (answer.kind === 'too_large') {
    ledger.add(lane, { reason: 'too_large', removed: records, detail: answer.reason })
    return false
  }
  if (answer.kind === 'rejected') {
    ledger.add(lane, { reason: 'rejected', removed: records, detail: `${answer.reason} from ${label}` })
    return false
  }
  const rejected = answer.kind === 'partial' ? Math.min(answer.rejected, records.count) : 0
  lane.counts.delivered += records.count - rejected
  if (answer.kind === 'delivered' && answer.remark !== undefined) sayStrange(label, answer.remark)
  if (answer.kind === 'partial') {
    // Which ones were refused is not said: the range is that of the request.
    const { message: detail } = answer
    ledger.add(lane, { reason: 'rejected', removed: { ...records, count: rejected }, detail, kind: label })
  }
  return records.count > rejected
}

function sayStrange(label: string, remark: string): void {
  sayOnce(
    `strange ${label}`,
    `${label} answers 200, but not as an OTLP endpoint does (${remark}): records may be lost there`,
  )
}

/** Once per destination and process: what was tried, and how to get a backend. */
const saidUnreachable = new Set<string>()

export function sayUnreachable(spec: LaneSpec, reason: string): void {
  const { label } = spec
  if (saidUnreachable.has(label)) return
  saidUnreachable.add(label)
  say(`unreachable ${label}`, wordsFor(spec, reason))
}

function wordsFor({ label, setBy, to }: LaneSpec, reason: string): string {
  if (reason === NOT_YET) {
    return `${label} has not answered yet, and the process ends: what it was sent last is on disk, and the next process with this spool sends it`
  }
  const other = otherProtocolAt(reason)
  if (other !== undefined) return `${label} answers in another protocol (${reason}). ${other}`
  const what = reason.startsWith('HTTP') ? `${label} answers ${reason}` : `nothing answers at ${label} (${reason})`
  const local = to.kind === 'otlp' ? ' To look at logs and requests here, run: npx tracelog dev.' : ''
  const elsewhere = setBy === undefined ? '' : ` To send them elsewhere, set ${setBy}.`
  return `${what}.${local}${elsewhere}`
}
