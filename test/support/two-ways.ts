/**
 * The same record twice: by the general path, and straight to bytes where it is plain. Each as the bytes that would leave the process.
 */
import { createClock } from '../../src/diag/clock.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { createRedactor, type RedactorOptions } from '../../src/process/redactor.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import type { EncodedSink } from '../../src/record/encoded-sink.ts'
import type { RecordEmitter } from '../../src/record/record-emitter.ts'
import { levelsWithoutRules } from './log-sink.ts'

export interface Way {
  readonly records: RecordEmitter
  /** What was written since it was asked last. */
  take(): Uint8Array
}

export interface TwoWays {
  readonly general: Way
  readonly fast: Way
  /** How many records went straight to bytes. */
  readonly straight: () => number
}

/** Stands still at 2026-11-30T12:00:00.123456Z, for both. */
const clock = createClock({
  wallMillis: () => 1_796_040_000_123,
  monotonicMillis: () => 123.456,
  originMillis: 1_796_040_000_000,
})

export function twoWays(options: RedactorOptions = {}): TwoWays {
  let straight = 0
  const wayOf = (isFast: boolean): Way => {
    const redactor = createRedactor(options)
    const encoder = new OtlpEncoder()
    let seq = 0
    const encoded: EncodedSink = {
      clock,
      redaction: redactor.parts,
      takes: () => true,
      append(_kind, subject, write) {
        if (encoder.append(subject, write, seq) === 0) return false
        seq++
        straight++
        return true
      },
    }
    const records = createRecordEmitter({
      levels: levelsWithoutRules(),
      sink: { emit: (record) => void encoder.appendLog(redactor.redactLog(record), seq++) },
      clock,
      ...(isFast ? { encoded } : {}),
    })
    return { records, take: () => encoder.take() }
  }
  return { general: wayOf(false), fast: wayOf(true), straight: () => straight }
}
