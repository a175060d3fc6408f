/**
 * The flight recorder as the application's own code sees it: a unit of its own, a dump, a discard, and its numbers.
 */
import { context, SpanStatusCode } from '@opentelemetry/api'

import { errorTypeOf } from '../capture/hop/error-type.ts'
import { withSpan } from '../context/linked-context.ts'
import { unitOf, withUnit, type UnitEnds } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import { emptyRecorderStats } from '../model/recorder-stats.ts'
import type { TracelogTracerProvider } from '../record/tracer-provider.ts'
import { beginWork, endWork, NO_UNIT_ENDS } from '../record/work-unit.ts'
import type { LateRecorder } from './late-recorder.ts'
import type { Recorder } from './recorder-face.ts'

export function createRecorderApi(recorder: LateRecorder | undefined, parts: Parts): Recorder {
  return {
    unit: (name, fn) => runUnit(name, fn, parts),
    dump: (reason) => recorder?.dump(reason),
    discard: () => recorder?.discard(),
    stats: () => recorder?.stats() ?? emptyRecorderStats(),
  }
}

interface Parts {
  readonly units: UnitEnds | undefined
  readonly tracerProvider: TracelogTracerProvider
}

function runUnit<T>(name: string, fn: () => T, { units = NO_UNIT_ENDS, tracerProvider }: Parts): T {
  const active = context.active()
  const span = tracerProvider.getTracer('tracelog.recorder').startSpan(name, {}, active)
  const unit = beginWork(units, name, span.spanContext(), unitOf(active))
  const end = (hasFailed: boolean, error?: unknown): void => {
    safely('the recorder', () => {
      if (hasFailed) {
        unit.hasThrown = true
        span.recordException(error as Error)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
      endWork(units, unit, { hasFailed, ...(hasFailed && { errorType: errorTypeOf(error) }) })
    })
  }
  try {
    const result = context.with(withUnit(withSpan(active, span), unit), fn)
    if (!(result instanceof Promise)) {
      end(false)
      return result
    }
    return result.then(
      (value) => {
        end(false)
        return value
      },
      (error: unknown) => {
        end(true, error)
        throw error
      },
    ) as T
  } catch (error) {
    end(true, error)
    throw error
  }
}
