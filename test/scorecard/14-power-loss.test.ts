/**
 * The store of the spool under random writes, answers, reads, rotations, disk faults, kills and losses of power.
 */
import { describe, expect, test } from 'vitest'

import { readName } from '../../src/export/spool/segment-name.ts'
import type { SpoolStore } from '../../src/export/spool/spool-store.ts'
import { type Fault, type MemoryFiles, memoryFiles } from '../segments/support/memory-files.ts'
import { scaled } from '../support/scale.ts'
import { entryOf, openStore } from '../export/spool/support/spool-kit.ts'

/** A small generator, so that a failing seed can be tried again. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const FAULTS: readonly Fault[] = ['none', 'none', 'none', 'full', 'sync', { code: 'EIO' }, { code: 'EMFILE' }]

/** What must be true, kept beside the store: who was told what. */
class Model {
  files: MemoryFiles = memoryFiles()
  readonly random: () => number
  readonly tried = new Map<number, string>()
  /** Told to be on disk; with `each` that outlives a loss of power. */
  kept = new Set<number>()
  /** Told to be on disk before the last forced write. */
  forced = new Set<number>()
  readonly answered = new Set<number>()
  store!: SpoolStore
  nextId = 1
  hadFault = false
  life = 0
  readonly #fsync: 'each' | 'interval'

  constructor(seed: number, fsync: 'each' | 'interval') {
    this.random = randomOf(seed)
    this.#fsync = fsync
  }

  async open(): Promise<void> {
    this.files.fault = 'none'
    this.hadFault = false
    this.life++
    const { store } = openStore(this.files, { segmentBytes: 400, fsync: this.#fsync })
    this.store = store
    for (const name of this.files.names()) {
      const parsed = readName(name)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (parsed !== undefined) await store.adopt(parsed, await this.files.read(name))
      // oxlint-disable-next-line no-await-in-loop -- as adoption.ts does
      else await this.files.remove(name)
    }
  }

  async write(): Promise<void> {
    const id = this.nextId++
    const { life } = this
    const text = `text of ${id}`
    this.tried.set(id, text)
    const isKept = await this.store.write(entryOf(id, [text])).then(
      () => true,
      () => false,
    )
    if (!isKept || life !== this.life || !this.store.release({ signal: 'logs', id })) return
    this.kept.add(id)
  }

  /** Reads the oldest segment and has some of it answered. */
  async read(): Promise<void> {
    const segment = await this.store.oldestUnsent('logs')
    if (segment === undefined) return
    segment.isBusy = true
    const entries = await this.store.read(segment).catch(() => [])
    for (const { id, bytes } of entries) {
      expect(Buffer.from(bytes).includes(this.tried.get(id) ?? 'never written')).toBe(true)
    }
    const ids = entries.map(({ id }) => id).filter(() => this.random() < 0.6)
    await this.store.end(segment, ids, 'answered')
    for (const id of ids) this.answered.add(id)
    segment.isBusy = false
  }

  async crash(): Promise<void> {
    if (this.random() < 0.5) {
      this.files = this.files.afterPowerLoss(this.random)
      if (this.#fsync === 'interval') this.kept = new Set(this.forced)
    } else this.files = this.files.afterKill()
    await this.open()
  }

  async step(): Promise<void> {
    const action = this.random()
    if (action < 0.5) return this.write()
    if (action < 0.7) return this.read()
    if (action < 0.8) return this.store.tidy()
    if (action < 0.85) return this.force()
    if (action < 0.92) {
      this.files.fault = FAULTS[Math.floor(this.random() * FAULTS.length)] as Fault
      this.hadFault ||= this.files.fault !== 'none'
    } else await this.crash()
  }

  async force(): Promise<void> {
    const kept = new Set(this.kept)
    // What became of bytes whose forced write failed once, nobody knows: a later one says nothing about them.
    if ((await this.store.sync()) && !this.hadFault) this.forced = kept
  }

  /** Everything that can still be read. */
  async drain(): Promise<Set<number>> {
    const found = new Set<number>()
    for (
      let segment = await this.store.oldestUnsent('logs');
      segment;
      segment = await this.store.oldestUnsent('logs')
    ) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const entries = await this.store.read(segment)
      for (const { id, bytes } of entries) {
        expect(Buffer.from(bytes).includes(this.tried.get(id) ?? 'never written')).toBe(true)
        found.add(id)
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await this.store.end(
        segment,
        entries.map(({ id }) => id),
        'answered',
      )
    }
    return found
  }
}

const SEEDS = Array.from({ length: scaled({ pullRequest: 500, full: 50_000 }) }, (_, index) => index + 1)

describe.each(['each', 'interval'] as const)('the store with fsync %s', (fsync) => {
  test.each(SEEDS)(
    'invents and alters nothing, and loses only what no forced write came after, seed %i',
    async (seed) => {
      const model = new Model(seed, fsync)
      await model.open()
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      for (let step = 0; step < 40; step++) await model.step()
      await model.crash()
      await model.write()
      const found = await model.drain()
      expect([...model.kept].filter((id) => !found.has(id) && !model.answered.has(id))).toEqual([])
      // With everything answered nothing is left, and it still takes more.
      expect(model.files.names()).toEqual([])
      await expect(model.store.write(entryOf(model.nextId))).resolves.toBeUndefined()
    },
  )
})
