import { describe, expect, test } from 'vitest'

import { readName } from '../../../src/export/spool/segment-name.ts'
import type { SpoolStore } from '../../../src/export/spool/spool-store.ts'
import { memoryFiles } from '../../segments/support/memory-files.ts'
import { entryOf, openStore } from './support/spool-kit.ts'

/** Writes batches that nobody holds. */
async function leave(store: SpoolStore, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await store.write(entryOf(id))
    store.release({ signal: 'logs', id })
  }
}

async function readAll(store: SpoolStore): Promise<number[]> {
  const segment = await store.oldestUnsent('logs')
  return segment === undefined ? [] : (await store.read(segment)).map(({ id }) => id)
}

/** A process after this one takes everything over. */
async function nextProcess(files = memoryFiles(), options: Parameters<typeof openStore>[1] = {}) {
  const opened = openStore(files, options)
  for (const name of files.names()) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await opened.store.adopt(readName(name)!, await files.read(name))
  }
  return opened
}

const settled = (store: SpoolStore): Promise<void> => store.tidy()

describe('the store of the spool', () => {
  test('gives what nobody holds, in the order in which it was written', async () => {
    const { store } = openStore()
    await leave(store, 1, 2)
    await store.write(entryOf(3))
    expect(await readAll(store)).toEqual([1, 2])
  })

  test('has no file any more when all is answered', async () => {
    const { store, files } = openStore()
    await store.write(entryOf(1))
    await leave(store, 2)
    expect(files.names()).toHaveLength(1)
    await store.endHeld({ signal: 'logs', id: 1 })
    const segment = (await store.oldestUnsent('logs'))!
    await store.end(segment, [2], 'answered')
    expect(files.names()).toEqual([])
    expect(store.bytes).toBe(0)
  })

  test('closes and removes what is empty when it tidies up', async () => {
    const { store, files } = openStore()
    await store.write(entryOf(1))
    await store.endHeld({ signal: 'logs', id: 1 })
    expect(files.names()).toHaveLength(1)
    await store.tidy()
    await settled(store)
    expect(files.names()).toEqual([])
  })

  test('leaves to the next process what has no answer, and nothing else', async () => {
    const { store, files } = openStore()
    await store.write(entryOf(1))
    await store.write(entryOf(2))
    await leave(store, 3)
    await store.endHeld({ signal: 'logs', id: 1 })
    const next = await nextProcess(files)
    expect(await readAll(next.store)).toEqual([2, 3])
    expect(next.losses).toEqual([])
  })

  test('keeps spans in segments of their own', async () => {
    const { store, files } = openStore()
    await leave(store, 1)
    await store.write(entryOf(1, ['span'], 'spans'))
    store.release({ signal: 'spans', id: 1 })
    expect(files.names().map((name) => readName(name)?.use)).toEqual(['logs', 'spans'])
    expect((await store.read((await store.oldestUnsent('spans'))!)).map(({ signal }) => signal)).toEqual(['spans'])
  })

  test('writes a closed segment again, smaller, with what is still needed', async () => {
    const { store, files } = openStore(memoryFiles(), { segmentBytes: 20_000 })
    for (let id = 0; id < 30; id++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await store.write(
        entryOf(
          id,
          Array.from({ length: 20 }, (_, index) => `order ${id} of customer ${index} accepted`),
        ),
      )
      store.release({ signal: 'logs', id })
    }
    await settled(store)
    const sizes = await Promise.all(files.names().map((name) => files.size(name)))
    expect(sizes[0]).toBeLessThan(20_000 / 4)
    expect(store.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect((await readAll(store))[0]).toBe(0)
    const next = await nextProcess(files)
    expect((await readAll(next.store)).slice(0, 3)).toEqual([0, 1, 2])
  })

  test('gives up the oldest segment when there is too much, and counts it', async () => {
    const { store, files, losses } = openStore(memoryFiles(), { segmentBytes: 200, maxBytes: 1000 })
    for (let id = 0; id < 20; id++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await leave(store, id)
      expect(store.bytes).toBeLessThanOrEqual(1000)
    }
    expect(losses.every(({ reason }) => reason === 'spool_full')).toBe(true)
    const lost = losses.map(({ firstSeq }) => firstSeq / 10)
    expect(lost).toEqual(lost.map((_, index) => index))
    const next = await nextProcess(files)
    const left: number[] = []
    for (
      let segment = await next.store.oldestUnsent('logs');
      segment;
      segment = await next.store.oldestUnsent('logs')
    ) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const entries = await next.store.read(segment)
      left.push(...entries.map(({ id }) => id))
      // oxlint-disable-next-line no-await-in-loop -- in order
      await next.store.end(
        segment,
        entries.map(({ id }) => id),
        'answered',
      )
    }
    expect([...lost, ...left]).toEqual(Array.from({ length: 20 }, (_, id) => id))
  })

  test('makes no room for what another process has, beyond its own', async () => {
    const { store } = openStore(memoryFiles(), { maxBytes: 1000 })
    store.foreignBytes = 5_000
    await store.write(entryOf(1))
    expect(store.release({ signal: 'logs', id: 1 })).toBe(false)
  })

  test.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES'])(
    'refuses with %s, and takes more when that is over',
    async (code) => {
      const { store, files } = openStore()
      await leave(store, 1)
      files.fault = { code }
      await expect(store.write(entryOf(2))).rejects.toThrow(code)
      files.fault = 'none'
      // Not tried again at once.
      await expect(store.write(entryOf(3))).rejects.toThrow('refused before')
      expect(await readAll(store)).toEqual([1])
    },
  )

  test('loses nothing of what it kept to a disk that is full in the middle of a write', async () => {
    const { store, files } = openStore()
    await leave(store, 1)
    files.fault = 'full'
    await expect(store.write(entryOf(2))).rejects.toThrow('ENOSPC')
    files.fault = 'none'
    expect(await readAll(store)).toEqual([1])
    expect([...files.aside]).toEqual([])
  })

  test('counts what somebody removed, and begins a new file', async () => {
    const { store, files, losses } = openStore()
    await leave(store, 1)
    await files.remove(files.names()[0]!)
    await leave(store, 2)
    expect(losses).toEqual([expect.objectContaining({ reason: 'corrupt', count: 1 })])
    expect(await readAll(store)).toEqual([2])
  })

  test('counts what cannot be read, sets it aside, and gives the rest', async () => {
    const { store, files, losses } = openStore()
    await leave(store, 1, 2, 3)
    const [name = ''] = files.names()
    files.damage(name, (bytes) => {
      bytes[Math.floor(bytes.length / 2)]! ^= 1
      return bytes
    })
    expect(await readAll(store)).toEqual([1, 3])
    expect(losses).toEqual([{ signal: 'logs', reason: 'corrupt', count: 1, firstSeq: 20, lastSeq: 20 }])
    expect([...files.aside.keys()]).toEqual([expect.stringMatching(`${name}-\\d+\\.bad`)])
  })

  test('does not take a disk that cannot be read for one that is empty', async () => {
    const { store, files, losses } = openStore()
    await leave(store, 1)
    const segment = (await store.oldestUnsent('logs'))!
    files.fault = { code: 'EMFILE' }
    await expect(store.read(segment)).rejects.toThrow('EMFILE')
    files.fault = 'none'
    expect((await store.read(segment)).map(({ id }) => id)).toEqual([1])
    expect(losses).toEqual([])
  })
})
