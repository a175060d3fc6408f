/**
 * How long the end of a process waits for answers: blocks this thread until everything is answered for, or nobody answers.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { pauseThread } from './pause-thread.ts'

/** From the last answer on, or from the start of the worker. Milliseconds. Spec: 1 s in all if nobody answers. */
export const ANSWER_MILLIS = 800
/**
 * The same for an endpoint that has answered before: it is slow, or this machine is busy. One that is gone refuses the connection,
 * and is not waited for. Milliseconds.
 */
const SLOW_ANSWER_MILLIS = 2_000
/**
 * For a worker that has not started: 30 ms are usual, but a container may have a tenth of a processor, and then nothing has been
 * asked of the endpoint yet. Milliseconds.
 */
const START_MILLIS = 5_000
/** Workers that may die on us meanwhile. */
const MAX_DEATHS = 2

export interface AwaitedLink {
  /** Sends what may travel. */
  pump(): void
  /** Whether anything is left that could still be answered for. */
  hasHope(): boolean
  /** Whether the endpoint has answered the last that it was sent. */
  isUp(): boolean
  /** Grows with every record that is answered for. */
  answered(): number
  /** How long nothing can travel. Milliseconds. */
  pauseMillis(): number
  /** Blocks; worker-link.ts. */
  wait(millis: number): 'outcome' | 'time' | 'starting' | 'gone'
}

/** @param limitMillis  no longer than until then, however well it goes; by performance.now */
export function awaitAnswers(awaited: AwaitedLink, limitMillis: number): void {
  const startBy = monotonicMillis() + START_MILLIS
  const patience = (): number => (awaited.isUp() ? SLOW_ANSWER_MILLIS : ANSWER_MILLIS)
  let deadline = monotonicMillis() + patience()
  let deaths = 0
  for (;;) {
    awaited.pump()
    const left = Math.min(deadline, limitMillis) - monotonicMillis()
    if (left <= 0 || !awaited.hasHope()) return
    const pause = awaited.pauseMillis()
    if (pause > 0) {
      pauseThread(Math.min(pause, left))
      continue
    }
    const answered = awaited.answered()
    const came = awaited.wait(left)
    if (came === 'gone' && ++deaths > MAX_DEATHS) return
    const isStarting = came === 'starting' && monotonicMillis() < startBy
    if (isStarting || awaited.answered() > answered) deadline = monotonicMillis() + patience()
  }
}
