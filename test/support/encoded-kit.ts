/**
 * The options of hops twice: for the general way alone, and with a sink that takes bytes. What leaves is decoded from the bytes.
 */
import type { HopOptions } from '../../src/capture/hop/hop-options.ts'
import { HTTP_SCOPE } from '../../src/capture/hop/hop-options.ts'
import { createClock } from '../../src/diag/clock.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { decodeLogRecords, decodeSpans } from '../../src/model/otlp-decode.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createRedactor, type RedactorOptions } from '../../src/process/redactor.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import type { EncodedSink } from '../../src/record/encoded-sink.ts'
import { createHopKit, type HopKit } from './hop-kit.ts'
import { levelsWithoutRules } from './log-sink.ts'

export interface Left {
  readonly spans: readonly SpanRecord[]
  readonly records: readonly LogRecord[]
}

export interface EncodedKit {
  readonly options: HopKit['options'] & HopOptions
  /** What was written since it was asked last. */
  take(): Left
  /** How many spans and records went straight to bytes. */
  straight(): number
}

/** @param takesBytes  false: the general way */
export function encodedKit(takesBytes: boolean, redaction: RedactorOptions = {}): EncodedKit {
  let straight = 0
  let seq = 0
  const redactor = createRedactor(redaction)
  const encoders = { logs: new OtlpEncoder(), spans: new OtlpEncoder() }
  const clock = createClock()
  const encoded: EncodedSink = {
    redaction: redactor.parts,
    clock,
    takes: () => true,
    append({ signal }, subject, write) {
      if (encoders[signal].append(subject, write, seq) === 0) return false
      if (signal === 'logs') seq++
      straight++
      return true
    },
  }
  const kit = createHopKit({
    clock,
    sink: { emit: (span) => void encoders.spans.appendSpan(redactor.redactSpan(span)) },
  })
  const records = createRecordEmitter({
    levels: levelsWithoutRules(),
    sink: { emit: (record) => void encoders.logs.appendLog(redactor.redactLog(record), seq++) },
    clock,
    ...(takesBytes ? { encoded } : {}),
  })
  const tracer = kit.options.tracerProvider.getTracer(HTTP_SCOPE.name)
  return {
    options: { ...kit.options, records, tracer, ...(takesBytes ? { encoded } : {}) },
    take: () => ({ spans: decodeSpans(encoders.spans.take()), records: decodeLogRecords(encoders.logs.take()) }),
    straight: () => straight,
  }
}
