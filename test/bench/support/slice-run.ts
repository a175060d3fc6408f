/**
 * One run of slices: the variants' servers, their load, the table.
 */
import type { Contender } from './contenders.ts'
import { startServer } from './pinned.ts'
import { RawClient, type RawClientOptions } from './raw-client.ts'
import { measureSlices, printSlices, type SliceOptions, type Subject } from './slices.ts'

export interface SliceRun {
  readonly load: Omit<RawClientOptions, 'port'>
  readonly slices: SliceOptions
  /** What a figure is for: `request`, `line`. */
  readonly unit: string
  /** The servers of a variant; the last one is asked. */
  readonly start: (variant: Contender) => Promise<readonly { readonly pid: number; readonly port: number }[]>
}

/** A variant's server out of one program. */
export const oneServer =
  (program: string) =>
  async ({ nodeArgs, env }: Contender) => [await startServer([...nodeArgs, program], env)]

/** @param isFull  four times as long */
export async function runSlices(run: SliceRun, variants: readonly Contender[], isFull: boolean): Promise<void> {
  const subjects: Subject[] = []
  for (const variant of variants) subjects.push(await subjectOf(variant, run))
  const { slices } = run
  const longer = isFull ? { warmUp: slices.warmUp * 3, seconds: slices.seconds * 4 } : {}
  printSlices(await measureSlices(subjects, { ...slices, ...longer }), run.unit)
}

async function subjectOf(variant: Contender, { start, load }: SliceRun): Promise<Subject> {
  const servers = await start(variant)
  const client = new RawClient({ ...load, port: servers.at(-1)!.port })
  await client.connect()
  return {
    name: variant.name,
    pids: servers.map(({ pid }) => pid),
    run: (requests) => client.run(requests),
  }
}
