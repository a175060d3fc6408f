import { describe, expect, test } from 'vitest'

import { Journal, type JournalOptions } from '../../../src/backend/journal/journal.ts'
import type { JournaledRequest, JournalSink } from '../../../src/backend/journal/journal-sink.ts'
import { type MemoryFiles, memoryFiles } from '../../segments/support/memory-files.ts'

interface Kept extends JournalSink {
  readonly requests: JournaledRequest[]
  texts(): readonly string[]
}

function keeper(): Kept {
  const requests: JournaledRequest[] = []
  return {
    requests,
    texts: () => requests.map(({ bytes }) => Buffer.from(bytes).toString()),
    append: (request) => void requests.push(request),
    room: async () => {},
    roll: async () => {},
  }
}

interface Opened {
  readonly journal: Journal
  readonly sink: Kept
}

async function open(files: MemoryFiles, options: Partial<JournalOptions> = {}, committedSequence = 0): Promise<Opened> {
  const sink = keeper()
  const journal = new Journal({ files, sink, ...options })
  await journal.start({ committedSequence, lastSequence: committedSequence })
  return { journal, sink }
}

const request = (text: string): { signal: 'logs'; bytes: Uint8Array; count: number } => ({
  signal: 'logs',
  bytes: Buffer.from(text),
  count: 1,
})

async function written(texts: readonly string[]): Promise<{ files: MemoryFiles; name: string; whole: Uint8Array }> {
  const files = memoryFiles()
  const { journal } = await open(files)
  // oxlint-disable-next-line no-await-in-loop -- one group each
  for (const text of texts) await journal.append(request(text))
  const [name = ''] = files.names()
  return { files, name, whole: await files.read(name) }
}

describe('the journal', () => {
  test('hands on in order what it acknowledged, and hands it on again after a crash', async () => {
    const files = memoryFiles()
    const { journal, sink } = await open(files)
    await Promise.all(['a', 'b', 'c'].map((text) => journal.append(request(text))))
    await journal.append({ signal: 'spans', bytes: Buffer.from('d'), count: 7 })
    expect(sink.texts()).toEqual(['a', 'b', 'c', 'd'])
    expect(journal.stats().lagRecords).toBe(10)

    const again = await open(files.afterPowerLoss(() => 0))
    expect(again.sink.texts()).toEqual(['a', 'b', 'c', 'd'])
    expect(again.sink.requests.map(({ signal, sequence }) => ({ signal, sequence }))).toEqual([
      { signal: 'logs', sequence: 1 },
      { signal: 'logs', sequence: 2 },
      { signal: 'logs', sequence: 3 },
      { signal: 'spans', sequence: 4 },
    ])
    await again.journal.append(request('e'))
    expect(again.sink.requests.at(-1)?.sequence).toBe(5)
  })

  test('skips what the store has, and never gives a number twice', async () => {
    const { files } = await written(['a', 'b', 'c'])
    expect((await open(files, {}, 2)).sink.texts()).toEqual(['c'])
    const { journal, sink } = await open(memoryFiles(), {}, 41)
    await journal.append(request('x'))
    expect(sink.requests[0]?.sequence).toBe(42)
  })

  test('deletes a segment when all in it is committed, and not before', async () => {
    const files = memoryFiles()
    const { journal } = await open(files, { maxSegmentBytes: 60 })
    // oxlint-disable-next-line no-await-in-loop -- one group each
    for (const text of ['a', 'b', 'c', 'd', 'e']) await journal.append(request(text.repeat(30)))
    const before = files.names()
    expect(before).toHaveLength(5)
    journal.committed(1)
    expect(files.names()).toEqual(before.slice(1))
    journal.committed(4)
    expect(files.names()).toEqual(before.slice(4))
    await journal.stop()
    journal.committed(5)
    expect(files.names()).toEqual([])
    expect(journal.stats()).toEqual({ segments: 0, bytes: 0, lagRecords: 0 })
  })

  test('asks for a short roll when it has grown too large', async () => {
    let rolls = 0
    const sink = { ...keeper(), roll: async () => void rolls++ }
    const journal = new Journal({ files: memoryFiles(), sink, maxBytes: 100 })
    await journal.start({ committedSequence: 0, lastSequence: 0 })
    await journal.append(request('small'))
    expect(rolls).toBe(0)
    await journal.append(request('x'.repeat(100)))
    expect(rolls).toBe(1)
  })

  test('cut off at any byte keeps every whole request before the cut', async () => {
    const texts = ['one', 'two', 'three']
    const { files, name, whole } = await written(texts)
    for (let length = 0; length < whole.length; length++) {
      files.damage(name, () => Buffer.from(whole.subarray(0, length)))
      let end = 8
      const expected = texts.filter((text) => (end += 16 + 13 + text.length) <= length)
      // oxlint-disable-next-line no-await-in-loop -- one file
      expect((await open(files)).sink.texts()).toEqual(expected)
    }
  })

  test('with any bit flipped loses that request alone, and sets its bytes aside', async () => {
    const texts = ['one', 'two', 'three', 'four']
    const { files, name, whole } = await written(texts)
    for (let bit = 8 * 8; bit < whole.length * 8; bit++) {
      files.damage(name, () => {
        const bytes = Buffer.from(whole)
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        return bytes
      })
      files.aside.clear()
      // oxlint-disable-next-line no-await-in-loop -- one file
      const { sink } = await open(files)
      expect(sink.texts()).toHaveLength(3)
      expect(texts.filter((text) => sink.texts().includes(text))).toEqual(sink.texts())
      expect(files.aside.size).toBe(1)
    }
  })

  test('is not in its own way after a crash during the first write to a segment', async () => {
    const { files } = await written(['a'])
    files.damage('0000000000000002.journal', () => Buffer.from('TLJOURN\u0001torn'))
    const { journal, sink } = await open(files)
    await journal.append(request('b'))
    expect(sink.texts()).toEqual(['a', 'b'])
    expect((await open(files)).sink.texts()).toEqual(['a', 'b'])
  })

  test('refuses while the disk is full, and goes on by itself', async () => {
    const files = memoryFiles()
    let now = 0
    const { journal, sink } = await open(files, { nowMillis: () => now, pauseMillis: 1_000 })
    await journal.append(request('before'))
    files.fault = 'full'
    await expect(journal.append(request('lost'))).rejects.toMatchObject({ kind: 'full', message: 'the disk is full' })
    await expect(journal.append(request('not tried'))).rejects.toMatchObject({ kind: 'full' })
    files.fault = 'none'
    now = 1_000
    await journal.append(request('after'))
    expect(sink.texts()).toEqual(['before', 'after'])
    expect((await open(files.afterPowerLoss(() => 0))).sink.texts()).toEqual(['before', 'after'])
  })

  test('does not trust a file whose sync failed', async () => {
    const files = memoryFiles()
    let now = 0
    const { journal } = await open(files, { nowMillis: () => now })
    await journal.append(request('before'))
    files.fault = 'sync'
    await expect(journal.append(request('lost'))).rejects.toMatchObject({ kind: 'full' })
    files.fault = 'none'
    now = 2_000
    await journal.append(request('after'))
    expect(files.names()).toHaveLength(2)
    expect((await open(files.afterPowerLoss(() => 0))).sink.texts()).toEqual(['before', 'after'])
  })

  test('refuses with `busy` when the store does not catch up', async () => {
    const sink = { ...keeper(), room: () => new Promise<void>(() => {}) }
    const journal = new Journal({ files: memoryFiles(), sink, roomTimeoutMillis: 5 })
    await journal.start({ committedSequence: 0, lastSequence: 0 })
    await expect(journal.append(request('a'))).rejects.toMatchObject({ kind: 'busy' })
  })

  test('takes nothing more when it stops', async () => {
    const { journal, sink } = await open(memoryFiles())
    await journal.append(request('a'))
    const stopped = journal.stop()
    await expect(journal.append(request('b'))).rejects.toMatchObject({ kind: 'busy' })
    await stopped
    expect(sink.texts()).toEqual(['a'])
  })

  test('writes what waits with one sync', async () => {
    const files = memoryFiles()
    let syncs = 0
    const create = files.create.bind(files)
    files.create = async (name) => {
      const file = await create(name)
      return { ...file, sync: () => (syncs++, file.sync()) }
    }
    const { journal } = await open(files)
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(request(`r${index}`))))
    expect(syncs).toBeLessThanOrEqual(2)
  })
})
