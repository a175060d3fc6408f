/**
 * Records that wait for what the transports' own formats make of them.
 *
 * The formats run once, where winston runs them, and show what they have left. Usually all of them have, when the call of the
 * logger returns; a transport that is busy comes to it later, and one that never does has its format run by us.
 */
import { soon } from '../../../diag/timers.ts'
import { guarded } from '../../../diag/guarded.ts'
import type { HeldCalls } from './held-calls.ts'
import type { InfoDraft, InfoWriter } from './info-writer.ts'
import type { TransportFormats } from './transport-formats.ts'
import { applyFormat, viewOf, type View } from './transport-redaction.ts'
import { isBusy, type ShowView } from './winston-types.ts'

export interface DraftOptions {
  readonly writer: InfoWriter
  readonly formats: TransportFormats
  readonly held: HeldCalls
}

/**
 * @param isKept  the logger keeps the info for all of its transports
 * @returns is told what each transport's format has left
 */
export function holdDraft(draft: InfoDraft, isKept: boolean, { writer, formats, held }: DraftOptions): ShowView {
  const missing = new Set(draft.takers)
  const late = new Set(isKept ? draft.takers : draft.takers.filter(isBusy))
  const views: View[] = []
  const finish = (): void => {
    missing.clear()
    held.remove(call)
    writer.finish(draft, views)
  }
  const call = {
    settle(): void {
      for (const transport of missing) {
        const formatted = applyFormat(draft.call.info, formats.formatOf(transport))
        if (formatted !== undefined) views.push(viewOf(formatted))
      }
      finish()
    },
  }
  held.add(call)
  soon(
    guarded('winston', () => {
      if (missing.size === 0) return
      // Given to them, and not shown: their formats have swallowed it.
      for (const transport of missing) if (!late.has(transport)) missing.delete(transport)
      if (missing.size === 0) finish()
    }),
  )
  return (transport, formatted) => {
    if (!missing.delete(transport)) return
    views.push(viewOf(formatted))
    if (missing.size === 0) finish()
  }
}
