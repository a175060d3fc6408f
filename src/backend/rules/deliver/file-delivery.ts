/**
 * A rule's file: whole lines, written as soon as the journal has the records.
 */
import { createRotatingFile } from '../../../export/transports/rotating-file.ts'
import { linesOf } from '../../../export/transports/file-lines.ts'
import { decodeTracesRequest } from '../../../model/otlp-decode.ts'
import { tracesToJson } from '../../../model/otlp-json.ts'
import type { FileAction } from '../rule.ts'
import type { DeliveryPart } from '../shape-request.ts'
import { DeliveryLedger, type DeliveryRunner, type Say } from './delivery.ts'

export function createFileDelivery(name: string, action: FileAction, say: Say): DeliveryRunner {
  const config = { ...action, line: 'full' } as const
  const file = createRotatingFile(config)
  const ledger = new DeliveryLedger(name, action.path, say)
  return {
    take({ signal, bytes, count }: DeliveryPart) {
      ledger.waits(count)
      try {
        const lines = signal === 'logs' ? linesOf(bytes, config) : spanLines(bytes)
        const { lost, reason } = file.write(lines)
        // A line of OTLP/JSON has all records of a resource.
        const lostRecords = lost === 0 ? 0 : Math.min(count, Math.ceil((lost * count) / lines.length))
        if (lostRecords > 0) ledger.lost(lostRecords, reason)
        ledger.delivered(count - lostRecords)
      } catch (error) {
        ledger.lost(count, error instanceof Error ? error.message : String(error))
      }
    },
    counts: () => ledger.counts(),
    stop: () => {
      file.stop()
      return Promise.resolve()
    },
  }
}

/** One line of OTLP/JSON per resource. */
function spanLines(bytes: Uint8Array): string[] {
  return decodeTracesRequest(bytes).map((resourceSpans) => JSON.stringify(tracesToJson([resourceSpans])))
}
