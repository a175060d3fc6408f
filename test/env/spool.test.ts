/** TRACELOG_SPOOL, TRACELOG_SPOOL_DIR and TRACELOG_SPOOL_FSYNC, as an application sees them. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { type ChildEnd, runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tracelog-spool-env-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'made', 'when needed')
}

function segments(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function run(env: Readonly<Record<string, string>>, endpoint = receiver.url): Promise<ChildEnd> {
  return runChild('spool/on-disk.cjs', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'a/b', ...env },
  })
}

/** The end of a process waits 150 ms for an answer, then the disk does: on a busy machine one that comes in time is tried for. */
async function runAnswered(TRACELOG_SPOOL: string): Promise<{ directory: string; ended: ChildEnd }> {
  for (let tries = 1; ; tries++) {
    const directory = temporary()
    const ended = await run({ TRACELOG_SPOOL, TRACELOG_SPOOL_DIR: directory })
    if (!ended.stderr.includes('has not answered yet') || tries === 10) return { directory, ended }
  }
}

const NOWHERE = 'http://127.0.0.1:9'

describe('where the endpoint does not answer', () => {
  test.each([
    { env: { TRACELOG_SPOOL: 'off' }, isKept: false },
    { env: {}, isKept: true },
    { env: { TRACELOG_SPOOL: 'batched' }, isKept: true },
    { env: { TRACELOG_SPOOL: 'sync' }, isKept: true },
    { env: { TRACELOG_SPOOL: 'batched', TRACELOG_WORKER: 'off' }, isKept: true },
  ])('with TRACELOG_SPOOL_DIR and $env records are kept: $isKept', async ({ env, isKept }) => {
    const directory = temporary()
    const ended = await run({ TRACELOG_SPOOL_DIR: directory, ...env }, NOWHERE)
    expect(ended.code).toBe(0)
    expect(ended.stderr.includes('dropped')).toBe(!isKept)
    const names = segments(directory)
    expect(names.length > 0).toBe(isKept)
    if (!isKept) return
    expect(names.every((name) => name.startsWith('a%2Fb.'))).toBe(true)
    const modes = [directory, ...names.map((name) => join(directory, name))].map((path) => statSync(path).mode & 0o777)
    expect(new Set(modes)).toEqual(new Set([0o700, 0o600]))

    const before = receiver.receivedLogs.length
    await run({ TRACELOG_SPOOL_DIR: directory, TRACELOG_SPOOL: 'batched' })
    // Its own; and, where it lives long enough to look for what others left, those two as well.
    expect([2, 4]).toContain(receiver.receivedLogs.length - before)
  })
})

describe('where the endpoint answers', () => {
  test.each(['batched', 'sync'])('with TRACELOG_SPOOL=%s nothing is left on disk', async (TRACELOG_SPOOL) => {
    const { directory, ended } = await runAnswered(TRACELOG_SPOOL)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(segments(directory)).toEqual([])
    expect(JSON.parse(ended.stdout).seen).toEqual(TRACELOG_SPOOL === 'sync' ? [true, true] : [false, false])
  })

  test.each([
    { fsync: 'each', isForced: true },
    { fsync: 'interval', isForced: false },
    { fsync: 'off', isForced: false },
  ])('with TRACELOG_SPOOL_FSYNC=$fsync a call waits until the disk has it: $isForced', async ({ fsync, isForced }) => {
    const env = { TRACELOG_SPOOL: 'sync', TRACELOG_SPOOL_DIR: temporary(), TRACELOG_SPOOL_FSYNC: fsync }
    expect(JSON.parse((await run(env)).stdout)).toEqual({ seen: [true, true], isForced })
  })
})

test('an endpoint that is slower than the end of a process is not called dead: what it was sent is on disk', async () => {
  const directory = temporary()
  receiver.fault = { blackhole: true }
  const ended = await run({ TRACELOG_SPOOL: 'batched', TRACELOG_SPOOL_DIR: directory })
  expect(ended.stderr).toContain('has not answered yet, and the process ends: what it was sent last is on disk')
  expect(ended.stderr).not.toContain('nothing answers')
  expect(segments(directory)).toHaveLength(1)
})

test('a spool without a directory is said, and there is none', async () => {
  const ended = await run({ TRACELOG_SPOOL: 'sync' })
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain(
    'TRACELOG_SPOOL is "sync", but must be off where TRACELOG_SPOOL_DIR names no directory',
  )
})
