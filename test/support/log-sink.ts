/**
 * A sink that keeps what it is given: what record/ and capture/ hand on, for tests inside one process.
 */
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import { createLevels, type Levels } from '../../src/record/levels.ts'
import type { RecordEmitter } from '../../src/record/record-emitter.ts'
import type { LogSink } from '../../src/record/sinks.ts'
import type { InstrumentationScope, LogRecord } from '../../src/model/log-record.ts'
import { createLevelGate, type LevelGate } from '../../src/process/level-gate.ts'

export interface CollectedLog extends LogRecord {
  readonly scope: InstrumentationScope
}
export interface LogCollector {
  readonly logs: CollectedLog[]
  readonly gate: LevelGate
  readonly records: RecordEmitter
  /** Takes the only record there is. */
  only(): CollectedLog
}

/** Everything that the application prints goes on. */
export function levelsWithoutRules(): Levels {
  return createLevels({ thresholds: createLevelGate({}) })
}

/** Behind a gate without rules, which tests may change. */
export function createLogCollector(): LogCollector {
  const logs: CollectedLog[] = []
  const gate = createLevelGate({})
  const sink: LogSink = { emit: (record, scope) => void logs.push({ ...record, scope }) }
  return {
    logs,
    gate,
    records: createRecordEmitter({ levels: createLevels({ thresholds: gate }), sink }),
    only() {
      const taken = logs.splice(0)
      if (taken.length !== 1)
        throw new Error(`expected one record, got ${JSON.stringify(taken.map(({ body }) => body))}`)
      return taken[0] as CollectedLog
    },
  }
}
