/**
 * The spool as the application's thread sees it: what it writes ahead, what it writes at the very end, and how much is on disk.
 *
 * Everything that writes is loaded when it is needed. Without a spool nothing here does anything.
 */
import { startTimer } from '../diag/timers.ts'
import type { EncodedBatch } from '../model/encoded-batch.ts'
import type { Signal } from '../model/signal.ts'
import type { Lane } from './lane.ts'
import type { WrittenRecord } from './open-batch.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import type { WriteAhead } from './spool/write-ahead.ts'
import type { PushedOut } from './stage.ts'
import type { WorkerLink } from './worker/link.ts'

/** After the code that made the pipeline is done. Milliseconds. */
const OPEN_MILLIS = 1

type Options = Pick<PipelineOptions, 'spool' | 'loadSpool' | 'lanes' | 'detached'>

export class PipelineSpool {
  readonly #options: Options
  readonly ahead: WriteAhead | undefined
  /** Undefined: nothing is written ahead. */
  readonly onLog: ((record: WrittenRecord) => void) | undefined
  /** What the export worker has on disk. Bytes. */
  workerBytes = 0

  /** @param resource  of this thread's batches */
  constructor(options: Options, resource: Uint8Array) {
    this.#options = options
    const { spool, loadSpool, lanes } = options
    const isAhead = spool?.isSync === true && lanes.some(({ signal, hasSpool }) => signal === 'logs' && hasSpool)
    const ahead = isAhead ? loadSpool().createWriteAhead(spool, resource) : undefined
    this.ahead = ahead
    this.onLog = ahead && ((record) => ahead.append(record))
  }

  get bytes(): number {
    return this.workerBytes + (this.ahead?.bytes ?? 0)
  }

  /** Others may have left something; and the first batch is 40 ms old about when a worker has started. */
  openSoon(link: WorkerLink): void {
    const { spool, detached } = this.#options
    if (spool !== undefined) detached(() => startTimer(() => link.open(), OPEN_MILLIS)).unref()
  }

  /** Had to go from memory: lost, and counted so. */
  forget({ signal, removed }: PushedOut): void {
    if (signal === 'logs') this.ahead?.forget(removed)
  }

  /** Nothing waits in memory. */
  tidy(): void {
    this.ahead?.tidy()
  }

  /** @param isWorking  a worker has had its time: a disk that did not take it from there would stop this thread */
  keepRest(lanes: readonly Lane[], isWorking: boolean): void {
    const { spool, loadSpool } = this.#options
    if (spool === undefined) return
    const { ahead } = this
    const isHeld = (batch: EncodedBatch) => ahead?.holds(batch) === true
    for (const lane of lanes) {
      if (!lane.hasSpool) continue
      lane.keepRest((batches) => {
        // Lanes of metrics have no spool. What was written ahead is where the next process looks for it.
        if (batches.every(isHeld)) return batches.length
        return isWorking ? 0 : loadSpool().keepSync(spool, batches as readonly EncodedBatch<Signal>[])
      })
    }
  }
}
