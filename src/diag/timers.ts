/**
 * The timers of the application's half: as they were when we were loaded (clock.ts says why), and guarded, because what a timer of ours
 * threw would be an uncaught exception of the application.
 */
import { guarded } from './guarded.ts'

const platformTimer = setTimeout
const platformSoon = queueMicrotask
const platformTurn = setImmediate

export function startTimer(run: () => void, millis: number): NodeJS.Timeout {
  return platformTimer(guarded('a timer', run), millis)
}

export const stopTimer: typeof clearTimeout = clearTimeout

/** When the code that runs now is done, before anything else. */
export function soon(run: () => void): void {
  platformSoon(guarded('a microtask', run))
}

/** Has the event loop go round once more, which it would not do if it were empty. */
export function nextTurn(): void {
  platformTurn(() => {})
}
