/**
 * bunyan 1.8 and 2: hooks a copy of its Logger, and joins what is heard there with the records.
 *
 * A door (.ci/build.mjs): all that is behind it is compiled when the application first uses bunyan.
 */
import { context, trace, type SpanContext } from '@opentelemetry/api'

import { currentUnit } from '../../../context/request-unit.ts'
import { guardedQuestion } from '../../../diag/guarded.ts'
import { severityOfPinoLevel } from '../../../model/severity.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import type { LibraryHook } from '../../library-instrumentation.ts'
import type { BunyanClass, BunyanLogger, BunyanRecord } from './bunyan-types.ts'
import { beginEmission, type Emission } from './emission.ts'
import { hearAllLevels, type LevelHearing } from './hear-all.ts'
import { hookLogger } from './hook-logger.ts'
import { createRecordWriter, scopeNameOf } from './record-writer.ts'
import { createOwnTraces } from './own-traces.ts'
import { createTraceFields } from './trace-fields.ts'

export interface BunyanHookOptions {
  readonly records: RecordEmitter
  /** TRACELOG_BUNYAN_ALL: levels that are off are heard where somebody wants them. */
  readonly hearsAll: boolean
}

const INVALID_TRACE_ID = '00000000000000000000000000000000'

export function createBunyanHook(options: BunyanHookOptions): LibraryHook {
  return {
    onFile: ({ exports, version }) => hookBunyan(exports as BunyanClass, version, options),
    attach: (library) => {
      const Logger = classOf(library)
      return hookBunyan(Logger, typeof Logger.VERSION === 'string' ? Logger.VERSION : '', options) ?? (() => {})
    },
  }
}

/** `import * as bunyan` gives the class as the default. */
function classOf(library: unknown): BunyanClass {
  const { default: inner } = library as { default?: unknown }
  return (typeof library === 'function' ? library : (inner ?? library)) as BunyanClass
}

/** @returns undoes it; `undefined`: it is hooked already. @throws when it is not as bunyan 1.8 and 2 */
function hookBunyan(
  Logger: BunyanClass,
  version: string,
  { records, hearsAll }: BunyanHookOptions,
): (() => void) | undefined {
  let isOn = true
  const activeSpan = () => (isOn ? spanOfContext() : undefined)
  const traceFields = createTraceFields(activeSpan)
  const levelName = (level: number) => Logger.nameFromLevel?.[level] ?? String(level)
  const ownTraces = createOwnTraces(Logger.prototype, activeSpan)
  const onOwnTrace = () => ownTraces.begin()
  const writeRecord = createRecordWriter({ records, version: () => version, activeSpan, levelName, onOwnTrace })
  const onRecord = guardedQuestion('bunyan', (written: Written) => writeRecord(written.record, written.emission))
  let levels: LevelHearing | undefined
  const unhook = hookLogger(Logger, {
    onCall(logger) {
      traceFields.forgetRead()
      levels?.called(logger)
    },
    onFields: (fields) => traceFields.add(fields),
    onRecord: () => levels?.answered(),
    onWrite(logger) {
      // The application may have put others there.
      traceFields.add(logger.fields)
      ownTraces.onWrite()
      beginEmission(logger, (record, emission) => onRecord({ record, emission }))
    },
  })
  if (unhook === undefined) return undefined
  if (hearsAll) levels = hearAllLevels(Logger.prototype, (logger, level) => isWanted(logger as BunyanLogger, level))
  return () => {
    isOn = false
    levels?.stop()
    unhook()
  }

  function isWanted({ fields }: BunyanLogger, level: number): boolean {
    const unit = records.levels.isHolding ? currentUnit() : undefined
    return records.levels.isWanted(severityOfPinoLevel(level), scopeNameOf(fields), unit, false)
  }
}

interface Written {
  readonly record: BunyanRecord
  readonly emission: Emission
}

function spanOfContext(): SpanContext | undefined {
  const span = trace.getSpanContext(context.active())
  return span === undefined || span.traceId === INVALID_TRACE_ID ? undefined : span
}
