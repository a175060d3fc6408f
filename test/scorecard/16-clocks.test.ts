/**
 * Row 16: the wall clock jumps, stands still, or the process is stopped; no record is lost for it, and none is sent for ever.
 *
 * The clock moves in every phase of a record's way: while it waits for company, while the endpoint is away, while it has said when to come
 * again, while the file beside it is rotated. What is kept for how long is the backend's, and shown there.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import { fixture, runChild, startChild } from '../support/child.ts'
import { startReceiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const HOUR = 3_600_000
const TEN_YEARS = 10 * 365.25 * 24 * HOUR
const RECORDS = 100
/** Two answers that say "away", one that says when to come again. */
const FAULTS = [{ status: 503 }, { status: 503 }, { status: 429, retryAfter: '1' }]

interface Run {
  readonly arrived: readonly LogRecord[]
  readonly requests: number
  /** The numbers of the records in the file and in those that it was rotated to. */
  readonly inFiles: readonly number[]
  readonly loggedAt: readonly number[]
  /** Share of a time without records that the processor was busy. */
  readonly busy: number
  readonly stderr: string
}

async function run(by: string, env: Record<string, string>): Promise<Run> {
  const receiver = await startReceiver()
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-clocks-'))
  try {
    receiver.failNext(...FAULTS)
    const ended = await runChild('clocks/logs-while-it-moves.cjs', {
      nodeArgs: ['--require', fixture('clocks/moved-clock.cjs')],
      args: [by],
      cwd: folder,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_TRACES_EXPORTER: 'none',
        TRACELOG_CONSOLE: 'off',
        TRACELOG_FILE: join(folder, 'all.jsonl'),
        TRACELOG_FILE_MAX_BYTES: '8192',
        TRACELOG_FILE_MAX_FILES: '100',
        ...env,
      },
    })
    if (ended.code !== 0) throw new Error(`ended with ${ended.code}: ${ended.stderr}`)
    return {
      ...(JSON.parse(ended.stdout) as Pick<Run, 'loggedAt' | 'busy'>),
      arrived: receiver.receivedLogs.map(({ record }) => record),
      requests: receiver.requests.length,
      inFiles: numbersIn(folder),
      stderr: ended.stderr,
    }
  } finally {
    await receiver.close()
    rmSync(folder, { recursive: true })
  }
}

function numbersIn(folder: string): number[] {
  const files = readdirSync(folder).filter((name) => name.startsWith('all'))
  if (files.length < 2) throw new Error('the file was not rotated')
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  return lines.map((line) => Number((JSON.parse(line) as { message: unknown }).message))
}

const rising = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const ALL = Array.from({ length: RECORDS }, (_, index) => index)

const KINDS = [
  ['an hour on', HOUR],
  ['ten years back', -TEN_YEARS],
  ['an hour back', -HOUR],
  ['ten years on', TEN_YEARS],
  ['to a stop', 'freeze'],
] as const
const WAYS: Readonly<Record<string, Record<string, string>>> = {
  'a worker that sends': {},
  'the main thread that sends': { TRACELOG_WORKER: 'off' },
}
/** The worker's own clock is not moved. */
const ROWS = [
  ...KINDS.map(([kind, by]) => ({ kind, by, way: 'a worker that sends' })),
  ...KINDS.slice(0, scaled({ pullRequest: 2, full: KINDS.length })).map(([kind, by]) => ({
    kind,
    by,
    way: 'the main thread that sends',
  })),
]

describe('the clock goes', () => {
  const still = new Map<string, Run>()
  beforeAll(async () => {
    await Promise.all(Object.entries(WAYS).map(async ([way, env]) => still.set(way, await run('0', env))))
  })

  test.concurrent.each(ROWS)(
    '$kind, with $way: each record arrives once, in its time, at the cost of no jump',
    async ({ by, way }) => {
      const moved = await run(String(by), WAYS[way] ?? {})
      expect(rising(moved.arrived.map(({ body }) => Number(body)))).toEqual(ALL)
      expect(rising(moved.inFiles)).toEqual(ALL)
      expect(moved.requests).toBeLessThanOrEqual(2 * (still.get(way)?.requests ?? 0))
      expect(moved.arrived.filter((record) => distance(record, moved.loggedAt) > 1000)).toEqual([])
      expect(moved.busy).toBeLessThan(0.5)
      expect(moved.stderr).toBe(still.get(way)?.stderr)
    },
  )
})

/** Between a record's time and the wall clock when it was logged. Milliseconds. */
function distance({ body, timeUnixNano }: LogRecord, loggedAt: readonly number[]): number {
  return Math.abs(Number(timeUnixNano / 1_000_000n) - (loggedAt[Number(body)] ?? 0))
}

test('a process that is stopped and goes on loses nothing, and its later records have the time of then', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.close())
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_CONSOLE: 'off' }
  const child = startChild('clocks/logs-while-it-moves.cjs', {
    nodeArgs: ['--require', fixture('clocks/moved-clock.cjs')],
    args: ['0'],
    env,
  })
  await receiver.logs(20)
  child.kill('SIGSTOP')
  const stoppedAt = Date.now()
  // So long it stands still: nothing to wait for but the time itself.
  await new Promise((resolve) => setTimeout(resolve, scaled({ pullRequest: 3000, full: 60_000 })))
  const wentOnAt = Date.now()
  child.kill('SIGCONT')
  const ended = await child.ended
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  const { loggedAt } = JSON.parse(ended.stdout) as Pick<Run, 'loggedAt'>
  const records = receiver.receivedLogs.map(({ record }) => record)
  expect(rising(records.map(({ body }) => Number(body)))).toEqual(ALL)
  const times = records.map(({ timeUnixNano }) => Number(timeUnixNano / 1_000_000n))
  expect(times.filter((time) => time > stoppedAt + 1000 && time < wentOnAt - 1000)).toEqual([])
  expect(records.filter((record) => distance(record, loggedAt) > 1000)).toEqual([])
})
