/**
 * Segments of the spool that are cut, hit, overwritten, swapped, copied, of others or of a later version.
 */
import { beforeAll, describe, expect, test } from 'vitest'

import { Adoption } from '../../src/export/spool/adoption.ts'
import { packSegment } from '../../src/export/spool/pack-segment.ts'
import { readSegment } from '../../src/export/spool/read-segment.ts'
import { batchFrame, type Entry, SEGMENT_HEAD, segmentHead } from '../../src/export/spool/spool-format.ts'
import type { SpoolStore } from '../../src/export/spool/spool-store.ts'
import { Turns } from '../../src/export/spool/turns.ts'
import { entryOf, openStore, OWNER } from '../export/spool/support/spool-kit.ts'
import { memoryFiles, type MemoryFiles } from '../segments/support/memory-files.ts'
import { scaled } from '../support/scale.ts'

/** About 64 KiB. */
const ENTRIES: readonly Entry[] = Array.from({ length: 120 }, (_, id) =>
  entryOf(
    id,
    Array.from({ length: 10 }, (_text, index) => `order ${id * 1000 + index} of ${(id * 7919) % 977} accepted`),
  ),
)
const RAW = Buffer.concat([SEGMENT_HEAD, ...ENTRIES.flatMap(batchFrame)])

function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Frames that stand in the file as they were written, by the place of each. */
function intactIn(damaged: Uint8Array): number[] {
  let at = SEGMENT_HEAD.length
  return ENTRIES.filter((entry) => {
    const start = at
    at += batchFrame(entry).reduce((sum, { length }) => sum + length, 0)
    return at <= damaged.length && RAW.subarray(start, at).equals(damaged.subarray(start, at))
  }).map(({ id }) => id)
}

/** Whatever is read was written, as it is. */
function expectGenuine(entries: readonly Entry[]): void {
  for (const entry of entries) expect(Buffer.from(entry.bytes).equals(ENTRIES[entry.id]!.bytes)).toBe(true)
}

describe('a segment of 64 KiB', () => {
  test('cut off anywhere gives every batch before the cut', () => {
    const step = scaled({ pullRequest: 61, full: 1 })
    for (let length = 0; length <= RAW.length; length += step) {
      const { entries } = readSegment(RAW.subarray(0, length))
      expect(entries.map(({ id }) => id)).toEqual(intactIn(RAW.subarray(0, length)))
    }
  })

  test('with random bits flipped gives every batch that none of them hit', () => {
    const random = randomOf(1)
    for (let round = scaled({ pullRequest: 400, full: 10_000 }); round > 0; round--) {
      const damaged = Buffer.from(RAW)
      for (let flips = 1 + Math.floor(random() * 5); flips > 0; flips--) {
        damaged[Math.floor(random() * damaged.length)]! ^= 1 << Math.floor(random() * 8)
      }
      const { entries, damages } = readSegment(damaged)
      expectGenuine(entries)
      expect(entries.map(({ id }) => id)).toEqual(intactIn(damaged))
      expect(damages.length > 0).toBe(entries.length < ENTRIES.length)
    }
  })

  test('with pages of zeros gives every batch that none of them touches', () => {
    for (let page = 0; page < RAW.length; page += 4096) {
      const damaged = Buffer.from(RAW).fill(0, page, Math.min(page + 4096, RAW.length))
      const { entries } = readSegment(damaged)
      expectGenuine(entries)
      expect(entries.map(({ id }) => id)).toEqual(intactIn(damaged))
    }
  })
})

describe('a compressed segment', () => {
  let packed: Uint8Array = new Uint8Array()
  const many = Array.from({ length: 3000 }, (_, id) => ({ ...ENTRIES[id % 120]!, id }))

  beforeAll(async () => {
    const files = memoryFiles()
    files.damage('a', () => Buffer.concat([SEGMENT_HEAD, ...many.flatMap(batchFrame)]))
    await packSegment({ files, name: 'a', isForced: true, isNeeded: () => true })
    packed = await files.read('a')
  })

  test('cut or hit anywhere gives what was written, and all but the groups that were hit', () => {
    const random = randomOf(2)
    expect(readSegment(packed).entries).toHaveLength(many.length)
    for (let round = scaled({ pullRequest: 100, full: 2_000 }); round > 0; round--) {
      const damaged = Buffer.from(packed)
      damaged[SEGMENT_HEAD.length + Math.floor(random() * (damaged.length - SEGMENT_HEAD.length))]! ^= 1
      const { entries, damages } = readSegment(damaged)
      for (const { id, bytes } of entries) expect(Buffer.from(bytes).equals(many[id]!.bytes)).toBe(true)
      expect(damages).toHaveLength(1)
      // A group is a quarter of a MiB.
      expect(entries.length).toBeGreaterThan(many.length / 3)
      const cut = packed.subarray(0, Math.floor(random() * packed.length))
      for (const { id, bytes } of readSegment(cut).entries) {
        expect(Buffer.from(bytes).equals(many[id]!.bytes)).toBe(true)
      }
    }
  })
})

describe('a directory with files of anybody', () => {
  const name = (number: string, service = 'shop', owner = 'bb-1-9-9') => `${service}.${owner}-${number}l.seg`
  const segment = (...ids: readonly number[]) =>
    Buffer.concat([SEGMENT_HEAD, ...ids.flatMap((id) => batchFrame(ENTRIES[id]!))])

  async function adoptAll(files: MemoryFiles): Promise<{ readonly store: SpoolStore; readonly counts: object[] }> {
    const turns = new Turns()
    const { store } = openStore(files, { turns })
    const counts: object[] = []
    const disowned = { logs: new Set<number>(), spans: new Set<number>() }
    const signals = new Set(['logs', 'spans'] as const)
    const owners = { own: OWNER, isGone: () => true }
    const onAdopted = (_signal: string, told: object) => void counts.push(told)
    await new Adoption({ files, turns, store, owners, service: 'shop', signals, disowned, onAdopted }).scan()
    return { store, counts }
  }

  async function readAll(store: SpoolStore): Promise<number[]> {
    const ids: number[] = []
    for (let found = await store.oldestUnsent('logs'); found; found = await store.oldestUnsent('logs')) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const entries = await store.read(found)
      expectGenuine(entries)
      const read = entries.map(({ id }) => id)
      ids.push(...read)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await store.end(found, read, 'answered')
    }
    return ids
  }

  test('gives what is whole, whatever it is called', async () => {
    const files = memoryFiles()
    // Swapped: names say nothing about what is inside.
    files.damage(name('000000001aaaaaaaa'), () => segment(3, 4))
    files.damage(name('000000002bbbbbbbb'), () => segment(1, 2))
    const { store } = await adoptAll(files)
    expect(await readAll(store)).toEqual([3, 4, 1, 2])
    expect(files.names()).toEqual([])
  })

  test('counts files that hold nothing of ours, sets them aside, and goes on', async () => {
    const files = memoryFiles()
    files.damage(name('000000001aaaaaaaa'), () => Buffer.alloc(5_000))
    files.damage(name('000000002bbbbbbbb'), () =>
      Buffer.from('{"level":"info","msg":"a line of somebody else"}\n'.repeat(50)),
    )
    files.damage(name('000000003cccccccc'), () => Buffer.alloc(0))
    files.damage(name('000000004dddddddd'), () => segment(7))
    const { store, counts } = await adoptAll(files)
    expect(await readAll(store)).toEqual([7])
    expect(counts).toEqual([
      { unsent: 0, corrupt: 1 },
      { unsent: 0, corrupt: 1 },
      { unsent: 0, corrupt: 0 },
      { unsent: 10, corrupt: 0 },
    ])
    expect(files.aside.size).toBe(2)
    expect(files.names()).toEqual([])
  })

  test('leaves other services, other files and later versions alone', async () => {
    const files = memoryFiles()
    const others = [
      name('000000001aaaaaaaa', 'shop2'),
      'notes.txt',
      'shop.seg',
      name('000000009zzzzzzzz').replace('l.seg', 'l.seg.bad'),
    ]
    for (const other of others) files.damage(other, () => segment(1))
    const later = name('000000005eeeeeeee')
    files.damage(later, () => Buffer.concat([segmentHead(2), Buffer.from('whatever comes then')]))
    const { store } = await adoptAll(files)
    expect(await readAll(store)).toEqual([])
    expect(files.names()).toEqual([...others, later].toSorted())
  })

  test('with a copy of a segment sends both: which is the copy cannot be told', async () => {
    const files = memoryFiles()
    files.damage(name('000000001aaaaaaaa'), () => segment(3))
    files.damage(name('000000002bbbbbbbb'), () => segment(3))
    expect(await readAll((await adoptAll(files)).store)).toEqual([3, 3])
  })
})
