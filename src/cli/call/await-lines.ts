/**
 * How long is it waited for the lines of a call whose response is there? While they come, to their end. While nobody is at their other end,
 * not as long as the client would: somebody sits before the terminal.
 */
import type { LogStream, LogStreamStatus } from '../../client.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { CallPrinter } from './call-printer.ts'

/** Without contact. Milliseconds: a server that is started anew is back by then. */
const PATIENCE_MILLIS = 10_000
const LOOK_MILLIS = 100

export interface Patience {
  /** Default 10,000. */
  readonly millis?: number
}

/** @param printer  is told what is going on, once */
export async function awaitLines(
  logs: Pick<LogStream, 'status' | 'ended' | 'close'>,
  printer: Pick<CallPrinter, 'remark'>,
  { millis = PATIENCE_MILLIS }: Patience = {},
): Promise<LogStreamStatus> {
  let goneAt: number | undefined
  let isSaid = false
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    timer = startTimer(look, LOOK_MILLIS)
    if (logs.status !== 'unavailable') goneAt = undefined
    else if (goneAt === undefined) {
      goneAt = monotonicMillis()
      // Without a stream there is nothing to wait for, and `ended` says so at once.
      if (!isSaid) printer.remark(`the connection to the lines broke: trying again for ${Math.round(millis / 1_000)} s`)
      isSaid = true
    } else if (monotonicMillis() - goneAt >= millis) {
      stopTimer(timer)
      void logs.close()
    }
  }
  timer = startTimer(look, LOOK_MILLIS)
  try {
    return await logs.ended
  } finally {
    stopTimer(timer)
  }
}
