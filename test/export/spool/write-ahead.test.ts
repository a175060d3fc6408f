import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test, vi } from 'vitest'

import { readSegment } from '../../../src/export/spool/read-segment.ts'
import { readName } from '../../../src/export/spool/segment-name.ts'
import { WriteAhead } from '../../../src/export/spool/write-ahead.ts'
import type { EncodedBatch } from '../../../src/model/encoded-batch.ts'
import { encodeResource, encodeScope } from '../../../src/model/otlp-request.ts'
import { textsIn } from './support/spool-kit.ts'

const resource = encodeResource({ attributes: { 'service.name': 'shop' } })
const scope = encodeScope({ name: 'test', version: '' })
const record = (text: string) => Buffer.concat([Buffer.from([0x12, text.length]), Buffer.from(text)])

/** As far as it matters here. */
const batchOf = (seqs: readonly number[], from = resource) =>
  ({ resource: from, seqs: Float64Array.from(seqs) }) as unknown as EncodedBatch

function open(): {
  readonly ahead: WriteAhead
  readonly directory: string
  readonly write: (seq: number, text?: string) => boolean
} {
  const parent = mkdtempSync(join(tmpdir(), 'tracelog-ahead-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const directory = join(parent, 'made', 'here')
  const place = { directory, service: 'shop', owner: 'aa-1-2-3', fsync: 'interval', wallMillis: Date.now } as const
  const ahead = new WriteAhead(place, resource, 256 * 1024 * 1024)
  onTestFinished(() => ahead.tidy())
  return {
    ahead,
    directory,
    write: (seq, text = `text ${seq}`) => ahead.append({ seq, scope, record: record(text) }),
  }
}

/** What the next process finds. */
function found(directory: string): string[] {
  return readdirSync(directory)
    .toSorted()
    .flatMap((name) => readSegment(readFileSync(join(directory, name))).entries)
    .flatMap(({ bytes }) => textsIn(bytes))
}

test('a record is on disk when the call returns, for its owner alone', () => {
  const { directory, write } = open()
  expect(write(0)).toBe(true)
  expect(found(directory)).toEqual(['text 0'])
  const [name = ''] = readdirSync(directory)
  expect(readName(name)).toMatchObject({ service: 'shop', owner: 'aa-1-2-3', use: 'ahead' })
  expect([statSync(directory).mode & 0o777, statSync(join(directory, name)).mode & 0o777]).toEqual([0o700, 0o600])
})

test('records with an outcome are not found again', () => {
  const { ahead, directory, write } = open()
  for (let seq = 0; seq < 10; seq++) write(seq)
  ahead.settle(batchOf([3, 4, 5]))
  expect(found(directory)).toEqual([0, 1, 2, 6, 7, 8, 9].map((seq) => `text ${seq}`))
  ahead.settle(batchOf([0, 1, 2]))
  ahead.settle(batchOf([6, 7, 8, 9]))
  expect(found(directory)).toEqual([])
  ahead.tidy()
  expect(readdirSync(directory)).toEqual([])
})

test('batches of another thread have numbers of their own', () => {
  const { ahead, directory, write } = open()
  write(0)
  const other = batchOf([0], encodeResource({ attributes: {} }))
  expect([ahead.holds(batchOf([0])), ahead.holds(batchOf([0, 1])), ahead.holds(other)]).toEqual([true, false, false])
  ahead.settle(other)
  expect(found(directory)).toEqual(['text 0'])
})

test('full segments go when all in them is settled', () => {
  const { ahead, directory, write } = open()
  const seqs: number[] = []
  const text = 'x'.repeat(120)
  while (ahead.bytes < 9 * 1024 * 1024) {
    seqs.push(seqs.length)
    write(seqs.length - 1, text)
  }
  expect(readdirSync(directory)).toHaveLength(3)
  ahead.settle(batchOf(seqs.slice(0, -1)))
  expect(readdirSync(directory)).toHaveLength(1)
  expect(found(directory)).toEqual([text])
})

test('records that are lost keep no segment', () => {
  const { ahead, directory, write } = open()
  write(0)
  write(1)
  ahead.forget({ firstSeq: 0, lastSeq: 0 })
  ahead.settle(batchOf([1]))
  ahead.tidy()
  expect(readdirSync(directory)).toEqual([])
})

test('a disk that refuses is said once, and nothing is thrown', () => {
  const { directory, write } = open()
  mkdirSync(join(directory, '..'), { recursive: true })
  writeFileSync(directory, 'a file in its place')
  const stderr = vi.spyOn(process.stderr, 'fd', 'get')
  expect(write(0)).toBe(false)
  expect(write(1)).toBe(false)
  stderr.mockRestore()
})

test('somebody who empties the directory costs what was in it, and no more', async () => {
  const { directory, write } = open()
  write(0)
  for (const name of readdirSync(directory)) rmSync(join(directory, name))
  await vi.waitFor(
    () => {
      write(1)
      expect(found(directory)).toContain('text 1')
    },
    { timeout: 10_000, interval: 100 },
  )
})
