/**
 * An exporter of OpenTelemetry's SDK as a destination: batches are decoded and shown as the SDK would show them.
 *
 * It runs where it was made: one from a package in the export worker, one that the application has given us in the main thread.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { messageOf } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../model/otlp-decode.ts'
import { SdkLogRecord } from '../../model/sdk-log-record.ts'
import { sdkSpanOf } from '../../model/sdk-span.ts'
import { sdkResourceOf, type SdkExporter, type SdkExportResult } from '../../model/sdk-types.ts'
import type { Answer } from './answer.ts'
import { isRetryableStatus } from './retry-policy.ts'
import type { ExportRequest, Transport } from './transport.ts'

/** The SDK's ExportResultCode. */
const SUCCESS = 0

export function createSdkTransport(exporter: SdkExporter): Transport {
  return {
    send: async (request, deadlineMillis) => {
      const { promise, resolve } = Promise.withResolvers<Answer>()
      const late = () => resolve({ kind: 'unreachable', reason: 'time-out' })
      const timer = startTimer(late, Math.max(0, deadlineMillis - monotonicMillis()))
      timer.unref()
      try {
        exporter.export(itemsOf(request), (result) => resolve(answerOf(result)))
      } catch (error) {
        resolve({ kind: 'rejected', reason: messageOf(error) })
      }
      return promise.finally(() => stopTimer(timer))
    },
    hurry: () => {
      // Its tries are its own.
    },
    stop: () => {
      try {
        exporter.shutdown().catch(() => {})
      } catch {
        // Nothing is asked of it any more.
      }
    },
  }
}

function itemsOf({ signal, bytes }: ExportRequest): object[] {
  if (signal === 'spans') {
    return decodeTracesRequest(bytes).flatMap(({ resource, scopes }) => {
      const shown = sdkResourceOf(resource)
      return scopes.flatMap(({ scope, spans }) => spans.map((span) => sdkSpanOf(span, scope, shown)))
    })
  }
  return decodeLogsRequest(bytes).flatMap(({ resource, scopes }) => {
    const shown = sdkResourceOf(resource)
    return scopes.flatMap(({ scope, records }) =>
      records.map((record) => {
        const readable = new SdkLogRecord(record, scope, shown)
        readable.freeze()
        return readable
      }),
    )
  })
}

/** Exporters say little of why they failed: a network's code, an HTTP status in a field or in their message. */
function answerOf({ code, error }: SdkExportResult): Answer {
  if (code === SUCCESS) return { kind: 'delivered' }
  const found = (error as { readonly code?: unknown } | undefined)?.code
  if (typeof found === 'string' && /^[A-Z]{2,}[A-Z_]*$/.test(found)) return { kind: 'unreachable', reason: found }
  const message = messageOf(error)
  const status = typeof found === 'number' ? found : Number(/status code\D{0,20}(\d{3})\b/i.exec(message)?.[1])
  if (Number.isNaN(status)) return { kind: 'rejected', reason: message }
  return { kind: isRetryableStatus(status) ? 'unreachable' : 'rejected', reason: `HTTP ${status}` }
}
