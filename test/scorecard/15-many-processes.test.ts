/**
 * Many processes of one service with one spool directory, killed at random while the endpoint is away: every segment has one owner,
 * those that live take over from those that do not, and nothing is lost that is older than 100 ms.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test, vi } from 'vitest'

import { readName } from '../../src/export/spool/segment-name.ts'
import { segmentHead } from '../../src/export/spool/spool-format.ts'
import { slack } from '../support/machine.ts'
import { scaled } from '../support/scale.ts'
import { startIdCounter } from './support/body-ids.ts'
import { segmentsIn, spoolPlace, startWriter, type Writer } from './support/spool-writer.ts'

const PROCESSES = scaled({ pullRequest: 3, full: 8 })
const KILLS = scaled({ pullRequest: 3, full: 40 })
const RATE = 300
const IDS_EACH = 1_000_000

interface Dead {
  readonly writer: Writer
  readonly killedMillis: number
  /** What a lost record may be old, on a machine as busy as this one was. Milliseconds. */
  readonly limitMillis: number
}

const pidOf = (name: string): string => readName(name)?.owner.split('-')[2] ?? ''

test('many processes share one directory', { timeout: 60_000 + KILLS * 5_000 }, async () => {
  const place = spoolPlace()
  const counter = await startIdCounter(503)
  let started = 0
  /** Resolves when its export worker runs: what is logged before that is in memory alone. */
  const start = async () => {
    const writer = await startWriter({ place, endpoint: counter.url, rate: RATE, firstId: IDS_EACH * started++ })
    await vi.waitFor(() => expect(segmentsIn(place).map(pidOf)).toContain(String(writer.child.process.pid)), 20_000)
    return writer
  }
  const living = await Promise.all(Array.from({ length: PROCESSES }, start))
  // As a process of the next version would leave it.
  const later = 'writer.ab-1-1-1-0later0000aaaaaaaal.seg'
  mkdirSync(place.spool, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.spool, later), segmentHead(2))

  const dead: Dead[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 500))
    const [victim] = living.splice(Math.floor(Math.random() * living.length), 1) as [Writer]
    const killedMillis = Date.now()
    await victim.kill()
    dead.push({ writer: victim, killedMillis, limitMillis: slack(100) })
    const numbers = segmentsIn(place).map((name) => readName(name)?.number)
    expect(new Set(numbers).size).toBe(numbers.length)
    living.push(await start())
  }
  // All segments belong to processes that live.
  const pids = new Set(living.map(({ child }) => String(child.process.pid)))
  await vi.waitFor(
    () => {
      const owners = segmentsIn(place).filter((name) => name !== later)
      expect(owners.filter((name) => !pids.has(pidOf(name)))).toEqual([])
    },
    { timeout: 10_000, interval: 50 },
  )

  counter.status = 200
  await Promise.all(living.map((writer) => writer.stop()))
  await vi.waitFor(() => expect(segmentsIn(place)).toEqual([later]), { timeout: 30_000, interval: 50 })

  for (const { writer, killedMillis, limitMillis } of dead) {
    const lost = writer.ledger().filter(({ id }) => !counter.counts.has(id))
    expect(lost.filter(({ atMillis }) => killedMillis - atMillis >= limitMillis)).toEqual([])
  }
  for (const writer of living) {
    // oxlint-disable-next-line no-loop-func -- of this one
    await vi.waitFor(() => expect(writer.ledger().filter(({ id }) => !counter.counts.has(id))).toEqual([]), 10_000)
  }
  const twice = [...counter.counts.values()].filter((count) => count > 1).length
  expect(twice).toBeLessThanOrEqual(KILLS * RATE)
  await Promise.all(living.map((writer) => writer.kill()))
  await counter.close()
})
