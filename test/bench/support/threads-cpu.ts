/**
 * What have all threads of some processes cost so far? Nanoseconds of CPU, from the scheduler's own account: a tick of 4 ms, which
 * `process.cpuUsage` counts in here, is as long as a whole slice.
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface ThreadsCpu {
  /** The main thread, the export worker, V8's and libuv's: all. */
  readonly all: number
  readonly main: number
}

/** Only Linux tells it. */
export const hasThreadsCpu: boolean = process.platform === 'linux'

export function threadsCpuOf(pids: readonly number[]): ThreadsCpu {
  let all = 0
  let main = 0
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const nanos = nanosOf(`/proc/${pid}/task/${thread}/schedstat`)
      all += nanos
      if (Number(thread) === pid) main += nanos
    }
  }
  return { all, main }
}

/** @returns 0 for a thread that has just ended */
function nanosOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0])
  } catch {
    return 0
  }
}
