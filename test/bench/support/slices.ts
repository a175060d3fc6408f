/**
 * What does a request cost one variant of a program in comparison with another, on a machine that others use too?
 *
 * All variants run at once, each in processes of its own. They take turns in slices of a few hundred requests, and who begins moves on
 * from round to round, so that a busy neighbour hits all of them alike. A slice costs the CPU of all threads of the variant's
 * processes. Noise only adds: besides medians there is the mean of the lower half.
 */
import { median, table } from './figures.ts'
import { threadsCpuOf } from './threads-cpu.ts'

export interface Subject {
  readonly name: string
  readonly pids: readonly number[]
  /** Makes so many requests, and resolves with the last answer. */
  readonly run: (requests: number) => Promise<void>
}

export interface SliceOptions {
  /** Requests of a slice. */
  readonly requests: number
  /** Before the first slice, for each variant: requests. */
  readonly warmUp: number
  /** All rounds together. Seconds. */
  readonly seconds: number
  /** What a request counts for: an answer that logs 100 lines is 100 units. Default 1. */
  readonly unitsPerRequest?: number
}

/** Microseconds per unit, one number for each round. */
export interface SliceFigures {
  readonly name: string
  readonly all: number[]
  readonly main: number[]
  /** Spent between two slices of the variant, on sends and timers. Not part of `all`. */
  readonly after: number[]
}

/** However slow the machine is. */
const MIN_ROUNDS = 9

export async function measureSlices(subjects: readonly Subject[], options: SliceOptions): Promise<SliceFigures[]> {
  const { requests, warmUp, seconds, unitsPerRequest = 1 } = options
  for (let done = 0; done < warmUp; done += requests) for (const subject of subjects) await subject.run(requests)
  const figures = subjects.map(({ name }): SliceFigures => ({ name, all: [], main: [], after: [] }))
  const ended = subjects.map(({ pids }) => threadsCpuOf(pids).all)
  const micros = (nanos: number): number => nanos / requests / unitsPerRequest / 1000
  const until = performance.now() + seconds * 1000
  for (let round = 0; round < MIN_ROUNDS || performance.now() < until; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const i = (turn + round) % subjects.length
      const { pids, run } = subjects[i]!
      const before = threadsCpuOf(pids)
      await run(requests)
      const after = threadsCpuOf(pids)
      figures[i]!.all.push(micros(after.all - before.all))
      figures[i]!.main.push(micros(after.main - before.main))
      if (round > 0) figures[i]!.after.push(micros(before.all - ended[i]!))
      ended[i] = after.all
    }
  }
  return figures
}

function lowerHalf(values: readonly number[]): number {
  return mean(values.toSorted((a, b) => a - b).slice(0, Math.ceil(values.length / 2)))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** One row per variant; the first is what the others are compared with. */
export function printSlices(figures: readonly SliceFigures[], unit: string): void {
  const bare = figures[0]!
  console.log(
    `${bare.all.length} slices per variant; CPU of all threads, us per ${unit}; ratios: share of bare that is kept`,
  )
  table(
    ['', 'lower half', 'median', 'over bare', 'main thread', 'after', 'ratio lower half', 'ratio in pairs'],
    figures.map(({ name, all, main, after }) => [
      name,
      lowerHalf(all),
      median(all),
      lowerHalf(all) - lowerHalf(bare.all),
      lowerHalf(main),
      mean(after),
      lowerHalf(bare.all) / lowerHalf(all),
      median(all.map((value, round) => bare.all[round]! / value)),
    ]),
  )
}
