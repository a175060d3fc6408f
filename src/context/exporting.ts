/**
 * Is an exporter of the application's at work? What it logs would come back to it in the next batch, for ever.
 */
import { context, createContextKey, type Context } from '@opentelemetry/api'

const EXPORTING = createContextKey('tracelog.exporting')

/** Also what follows from it later is marked. */
export function asExporter<T>(run: () => T): T {
  return context.with(context.active().setValue(EXPORTING, true), run)
}

export function isExporting(active: Context): boolean {
  return active.getValue(EXPORTING) === true
}
