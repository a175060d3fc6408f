/**
 * What BullMQ's telemetry does not tell of a job: which attempt it is, how long it waited, and with what it failed.
 *
 * Accessors on Job.prototype are read when a job ends, in the context of its hop, and hand back the original. The error is seen by
 * `updateStacktrace`, below which no code of the application runs.
 */
import { guarded } from '../../../diag/guarded.ts'
import { currentUnit } from '../../../context/request-unit.ts'
import { MessageHop } from '../message-hop.ts'
import { accessMethod } from '../method-accessor.ts'
import type { BullmqJob } from './bullmq-types.ts'

const thrown = new WeakMap<object, unknown>()

/** With what the job of this hop failed; `undefined`: not known. */
export function thrownBy(hop: object): unknown {
  return thrown.get(hop)
}

const ENDS = ['moveToCompleted', 'moveToFailed'] as const

/** @returns undoes it */
export function watchJobs(prototype: Record<string, unknown>): () => void {
  const undo = ENDS.map((name) => accessMethod(prototype, name, noteJob))
  const original = prototype['updateStacktrace']
  if (typeof original === 'function') {
    undo.push(
      accessMethod(
        prototype,
        'updateStacktrace',
        () => {},
        function (this: unknown, error: unknown) {
          noteError(error)
          return Reflect.apply(original, this, [error]) as unknown
        },
      ),
    )
  }
  return () => undo.forEach((each) => each())
}

function noteJob(job: BullmqJob): void {
  const unit = currentUnit()
  const { attemptsMade, timestamp, processedOn, opts } = job
  if (!(unit instanceof MessageHop) || unit.messageId !== job.id || typeof attemptsMade !== 'number') return
  unit.learn({ attempt: attemptsMade + 1 })
  if (attemptsMade > 0 || typeof timestamp !== 'number' || typeof processedOn !== 'number') return
  // How long a job was asked to wait is no time in the queue; how long one waited for its next attempt is not told.
  const delay = typeof opts?.delay === 'number' ? opts.delay : 0
  unit.learn({ queuedMillis: Math.max(0, processedOn - timestamp - delay) })
}

const noteError = guarded('bullmq job', (error: unknown) => {
  const unit = currentUnit()
  if (unit instanceof MessageHop) thrown.set(unit, error)
})
