/**
 * Blocks this thread for a moment: at the end of the process, where no timer comes any more, and in the export worker.
 */
const never = new Int32Array(new SharedArrayBuffer(4))

/** @param millis  0 and less: not at all */
export function pauseThread(millis: number): void {
  if (millis > 0) Atomics.wait(never, 0, 0, millis)
}
