/** Every end of a process with a spool and an endpoint that does not answer: all records are on disk, and the end is as on bare Node. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { readSegment } from '../../src/export/spool/read-segment.ts'
import { runChild } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const ENDS = ['natural', 'exit3', 'throw', 'reject', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const
const COUNT = 2_000

let away: Receiver
const hole = createServer(() => {})
const endpoints: Record<string, string> = {}

beforeAll(async () => {
  away = await startReceiver()
  away.fault = { status: 503 }
  await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
  endpoints['refuses the connection'] = 'http://127.0.0.1:9'
  endpoints['answers 503'] = away.url
  endpoints['never answers'] = `http://127.0.0.1:${(hole.address() as AddressInfo).port}`
})
afterAll(async () => {
  hole.close()
  await away.close()
})

/** Records in all segments that have no answer. */
function kept(directory: string): number {
  return readdirSync(directory)
    .flatMap((name) => readSegment(readFileSync(join(directory, name))).entries)
    .reduce((sum, { count }) => sum + count, 0)
}

describe.each(['refuses the connection', 'answers 503', 'never answers'])('an endpoint that %s', (what) => {
  test.each(ENDS)('%s', async (end) => {
    const directory = mkdtempSync(join(tmpdir(), 'tracelog-end-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const args = [end, 'none', 'run', String(COUNT)]
    const limitMillis = slack(1_500)
    const bare = await runChild('ends/end.cjs', { args, preload: 'none' })
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoints[what], TRACELOG_SPOOL_DIR: directory }
    const ours = await runChild('ends/end.cjs', { args, env })
    expect({ code: ours.code, signal: ours.signal }).toEqual({ code: bare.code, signal: bare.signal })
    // What nobody caught is a record too.
    expect(kept(directory)).toBe(COUNT + (['throw', 'reject'].includes(end) ? 1 : 0))
    expect(ours.stderr).not.toContain('dropped')
    expect(ours.tookMillis - bare.tookMillis).toBeLessThan(limitMillis)
  })
})

test('where no worker may run, the main thread writes what is left', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracelog-end-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const ended = await runChild('ends/end.cjs', {
    args: ['exit3', 'none', 'run', String(COUNT)],
    nodeArgs: ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-addons'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoints['never answers'], TRACELOG_SPOOL_DIR: directory },
  })
  expect(ended.code).toBe(3)
  expect(kept(directory)).toBe(COUNT)
})
