/**
 * What becomes of a line on standard output, in the numbers: counted where that is the only way out of its signal, said where it is a
 * copy beside another.
 */
import { say } from '../diag/events.ts'
import type { DropLedger } from './drop-ledger.ts'
import type { Counts } from './pipeline-stats.ts'
import type { LineOutcomes } from './stdout-lines.ts'
import type { Signal } from '../model/signal.ts'

export interface ConsoleOutcomesOptions {
  readonly counts: Counts
  readonly ledger: DropLedger
  readonly isOnlyWay: (signal: Signal) => boolean
  /** Fewer lines are waiting. */
  readonly onSettled: () => void
}

export function consoleOutcomes({ counts, ledger, isOnlyWay, onSettled }: ConsoleOutcomesOptions): LineOutcomes {
  return {
    onWritten: ({ signal }) => {
      if (isOnlyWay(signal)) counts[signal].delivered++
      onSettled()
    },
    onLost: ({ signal, seq }, reason) => {
      const detail = 'standard output'
      if (isOnlyWay(signal)) ledger.add(signal, { reason, removed: { count: 1, firstSeq: seq, lastSeq: seq }, detail })
      else say(`stdout ${reason}`, `lines could not be written to standard output (${reason})`)
      onSettled()
    },
  }
}
