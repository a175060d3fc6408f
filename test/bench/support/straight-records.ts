/**
 * Records up to their encoded bytes, and no further: for benchmarks of bridges in one process.
 */
import { createClock } from '../../../src/diag/clock.ts'
import { OtlpEncoder } from '../../../src/model/otlp-encode.ts'
import { createLevelGate } from '../../../src/process/level-gate.ts'
import { createRedactor } from '../../../src/process/redactor.ts'
import { createRecordEmitter } from '../../../src/record/create-record-emitter.ts'
import type { EncodedSink } from '../../../src/record/encoded-sink.ts'
import { createLevels } from '../../../src/record/levels.ts'
import type { RecordEmitter } from '../../../src/record/record-emitter.ts'
import type { LogSink } from '../../../src/record/sinks.ts'

const levels = createLevels({ thresholds: createLevelGate({}) })
const redactor = createRedactor()
const clock = createClock()
let seq = 0

/** @param isStraight  plain records go straight to bytes. Default true */
export function straightRecords(isStraight = true): RecordEmitter {
  const encoder = new OtlpEncoder({ chunkBytes: 2 ** 20 })
  const taken = (bytes: number): boolean => {
    seq++
    if (encoder.byteLength > 180 * 1024) encoder.take()
    return bytes > 0
  }
  const sink: LogSink = { emit: (record) => void taken(encoder.appendLog(redactor.redactLog(record), seq)) }
  const encoded: EncodedSink = {
    redaction: redactor.parts,
    clock,
    takes: () => true,
    append: (_kind, subject, write) => taken(encoder.append(subject, write, seq)),
  }
  return createRecordEmitter({ levels, sink, clock, ...(isStraight ? { encoded } : {}) })
}
