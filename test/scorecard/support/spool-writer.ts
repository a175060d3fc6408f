/**
 * An application that logs at a steady rate with a spool, its ledger, and its directory: what tests of the spool kill and cut off.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { PipelineStats } from '../../../src/export/pipeline-stats.ts'
import { type RunningChild, startChild } from '../../support/child.ts'

export interface SpoolPlace {
  /** Gone with the test. */
  readonly directory: string
  readonly spool: string
}

export interface WriterOptions {
  readonly place: SpoolPlace
  readonly endpoint: string
  readonly mode?: 'batched' | 'sync'
  /** Records a second; 0: it only lives. */
  readonly rate: number
  readonly firstId?: number
  /** Random bytes in each record, which nobody can compress. */
  readonly randomBytes?: number
  readonly env?: Readonly<Record<string, string>>
}

export interface Writer {
  readonly child: RunningChild
  /** When each call had returned. */
  ledger(): readonly LedgerLine[]
  /** Resolves when it has logged its last; it lives on. */
  stop(): Promise<void>
  stats(): Promise<PipelineStats & { readonly rss: number }>
  kill(): Promise<void>
}

export interface LedgerLine {
  readonly id: number
  readonly atMillis: number
}

export function spoolPlace(): SpoolPlace {
  const directory = mkdtempSync(join(tmpdir(), 'tracelog-spool-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return { directory, spool: join(directory, 'spool') }
}

let writers = 0

/** Resolves when it runs. */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const { place, endpoint, mode = 'batched', rate, firstId = 0, randomBytes = 0, env } = options
  const ledger = join(place.directory, `ledger-${writers++}`)
  const child = startChild('spool/writer.mjs', {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_SERVICE_NAME: 'writer',
      TRACELOG_SPOOL: mode,
      TRACELOG_SPOOL_DIR: place.spool,
      ...env,
    },
    args: [ledger, String(firstId), String(rate), String(randomBytes)],
  })
  onTestFinished(() => child.kill('SIGKILL'))
  await child.prints('ready')
  const printed = (): number => child.stdout().split('stats ').length - 1
  return {
    child,
    ledger: () => readLedger(ledger),
    stop: async () => {
      child.kill('SIGUSR1')
      await child.prints('stopped')
    },
    stats: async () => {
      const before = printed()
      child.kill('SIGUSR2')
      while (printed() === before || !child.stdout().endsWith('\n'))
        await new Promise((resolve) => setTimeout(resolve, 5))
      return JSON.parse(child.stdout().slice(child.stdout().lastIndexOf('stats ') + 'stats '.length))
    },
    kill: async () => {
      child.kill('SIGKILL')
      await child.ended
    },
  }
}

function readLedger(path: string): LedgerLine[] {
  // The last line may be cut off by the kill.
  return readFileSync(path, 'latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [id, at] = line.split(' ')
      return { id: Number(id), atMillis: Number(at) }
    })
}

/** Names of segments. */
export function segmentsIn({ spool }: SpoolPlace): string[] {
  try {
    return readdirSync(spool).filter((name) => name.endsWith('.seg'))
  } catch {
    return []
  }
}

/** Of everything in the directory. */
export function bytesIn(place: SpoolPlace): number {
  let bytes = 0
  for (const name of segmentsIn(place)) bytes += statSync(join(place.spool, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}
