/**
 * What happens to a request's bytes, whichever port they came through: checked, turned into protobuf, kept, counted.
 */
import { checkRequest } from './check-request.ts'
import type { Format } from './http-answer.ts'
import type { PartialSuccess } from './otlp-answer.ts'
import { countAcknowledged, createReceiveCounts, type ReceiveCounts } from './receive-counts.ts'
import type { Signal } from '../../model/signal.ts'
import type { ReceiveSink } from './receive-sink.ts'
import { transcodeJson } from './transcode-json.ts'
import { withoutRecords } from './without-records.ts'

export interface IntakeRequest {
  readonly signal: Signal
  readonly format: Format
  /** Owns its memory. */
  readonly bytes: Uint8Array
}

export interface Intake {
  readonly counts: ReceiveCounts
  /**
   * Resolves when the request is kept.
   *
   * @returns what was left out of it, if anything
   * @throws Refusal, or the sink's own refusal
   */
  take(request: IntakeRequest): Promise<PartialSuccess | undefined>
}

export function createIntake(sink: ReceiveSink): Intake {
  const counts = createReceiveCounts()
  return {
    counts,
    async take({ signal, format, bytes }) {
      const protobuf = format === 'json' ? transcodeJson(signal, bytes) : bytes
      const checked = checkRequest(signal, protobuf)
      const rejected = checked.rejectedAt.length
      const kept = rejected === 0 ? protobuf : withoutRecords(signal, protobuf, new Set(checked.rejectedAt))
      const count = checked.records - rejected
      // Read before it is handed over: the sink may transfer the memory away.
      const size = kept.length
      if (count > 0) {
        await sink.append({ signal, bytes: kept, count })
        countAcknowledged(counts, signal, count, size)
      }
      counts.rejected += rejected
      return rejected === 0 ? undefined : { rejected, message: checked.reason }
    },
  }
}
