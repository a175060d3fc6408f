/**
 * Records of lines that another program has printed, through the engine that applications run: the same redaction, levels, and ways out.
 */
import { createRequire } from 'node:module'

import type { PrintedRecord } from '../../model/line-shapes/printed-line.ts'

export interface LineEngine {
  emit(printed: PrintedRecord, stream: string): void
  /** Sends what there is, for 5 s at most. Never rejects. */
  shutdown(): Promise<void>
}

/** What of the engine's bundle is used. */
interface EngineBundle {
  startForOthers(variables: Readonly<Record<string, string>>): Engine
}

interface Engine {
  readonly records: {
    judge(severityNumber: number, scopeName: string): 'export' | 'hold' | 'drop'
    emit(input: object, scope: { readonly name: string; readonly version: string }, verdict: string): void
  }
  shutdown(): Promise<unknown>
}

/** @param variables  over those of the environment: the service's name, and where the command is told to send to */
export function startLineEngine(variables: Readonly<Record<string, string>>): LineEngine {
  const bundle = createRequire(import.meta.url)('../../engine.cjs') as EngineBundle
  const engine = bundle.startForOthers(variables)
  return {
    emit({ severityNumber, severityText, body, logger, attributes, timeUnixNano }, stream) {
      const scope = { name: logger ?? stream, version: '' }
      const verdict = engine.records.judge(severityNumber, scope.name)
      if (verdict === 'drop') return
      const time = timeUnixNano === undefined ? {} : { timeUnixNano, isTimeCut: true }
      engine.records.emit({ severityNumber, severityText, body, attributes, ...time }, scope, verdict)
    },
    async shutdown() {
      await engine.shutdown()
    },
  }
}
