/** Waits for a program that prints nothing when it is ready. */
import { TracelogError } from '../../diag/errors.ts'
import type { DemoChild } from './child-group.ts'

const POLL_MILLIS = 20
const READY_MILLIS = 30_000

/**
 * @param isReady  looked at again and again; what it throws counts as "not yet"
 * @throws TracelogError when the program ends before, or after 30 s
 */
export async function becomesReady(child: DemoChild, isReady: () => boolean): Promise<void> {
  let isEnded = false
  void child.ended.then(() => (isEnded = true))
  const deadline = performance.now() + READY_MILLIS
  while (!isTrue(isReady)) {
    if (isEnded || performance.now() > deadline) throw notReady(child, isEnded)
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}

function isTrue(isReady: () => boolean): boolean {
  try {
    return isReady()
  } catch {
    return false
  }
}

function notReady(child: DemoChild, isEnded: boolean): TracelogError {
  return new TracelogError(
    `${child.name} did not become ready${isEnded ? ' and ended' : ` within ${READY_MILLIS / 1_000} s`}`,
    {
      code: 'TRACELOG_BACKEND_UNREACHABLE',
      hint: child.errorText().replace(/\s*\n\s*/g, ' | ') || 'Run it by hand to see why.',
    },
  )
}
