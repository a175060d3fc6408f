import { describe, expect, test } from 'vitest'

import { Journal } from '../../../src/backend/journal/journal.ts'
import type { JournaledRequest } from '../../../src/backend/journal/journal-sink.ts'
import { memoryFiles, type MemoryFiles } from '../../segments/support/memory-files.ts'

/** A small generator, so that a failing seed can be tried again. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const textOf = ({ bytes }: JournaledRequest): string => Buffer.from(bytes).toString()

/** What must be true, kept beside the journal: who was told what. */
class Model {
  files: MemoryFiles = memoryFiles()
  readonly acknowledged = new Set<string>()
  readonly tried = new Set<string>()
  /** Texts that the store holds for good. */
  readonly committed = new Set<string>()
  readonly random: () => number
  handedOn: JournaledRequest[] = []
  journal: Journal | undefined
  position = 0
  now = 0
  /** Which life this is: what a dead one says is not heard. */
  life = 0

  constructor(seed: number) {
    this.random = randomOf(seed)
  }

  async open(): Promise<void> {
    this.files.fault = 'none'
    const handedOn: JournaledRequest[] = []
    this.handedOn = handedOn
    const sink = {
      append: (request: JournaledRequest) => void handedOn.push(request),
      room: async () => {},
      roll: async () => {},
    }
    this.journal = new Journal({ files: this.files, sink, maxSegmentBytes: 150, nowMillis: () => this.now })
    await this.journal.start({ committedSequence: this.position, lastSequence: this.position })
  }

  async append(name: string): Promise<void> {
    const { life } = this
    const texts = Array.from({ length: 1 + Math.floor(this.random() * 4) }, (_, index) => `${name}.${index}`)
    await Promise.all(
      texts.map(async (text) => {
        this.tried.add(text)
        const kept = await this.journal?.append({ signal: 'logs', bytes: Buffer.from(text), count: 1 }).then(
          () => true,
          () => false,
        )
        if (kept === true && life === this.life) this.acknowledged.add(text)
      }),
    )
  }

  commit(): void {
    const upTo = this.handedOn[Math.floor(this.random() * this.handedOn.length)]?.sequence ?? this.position
    this.position = Math.max(this.position, upTo)
    for (const request of this.handedOn) if (request.sequence <= this.position) this.committed.add(textOf(request))
    this.journal?.committed(this.position)
  }

  async restart(): Promise<void> {
    if (this.random() < 0.3) await this.journal?.stop()
    else this.losePower()
    await this.open()
  }

  losePower(): void {
    this.life += 1
    this.files = this.files.afterPowerLoss(this.random)
  }

  /** The plug is pulled while a group is on its way, at any of its steps. */
  async dieWriting(name: string): Promise<void> {
    const writing = this.append(name)
    for (let turn = Math.floor(this.random() * 30); turn > 0; turn--) {
      // oxlint-disable-next-line no-await-in-loop -- one turn of the microtask queue each
      await Promise.resolve()
    }
    this.losePower()
    await this.open()
    await writing
  }

  async step(name: string): Promise<void> {
    this.now += 400
    const action = this.random()
    if (action < 0.5) return this.append(name)
    if (action < 0.6) return this.dieWriting(name)
    if (action < 0.75) {
      this.files.fault = (['none', 'none', 'full', 'sync'] as const)[Math.floor(this.random() * 4)] ?? 'none'
    } else if (action < 0.85) this.commit()
    else await this.restart()
  }
}

describe('the journal under random writes, commits, faults, stops and power losses', () => {
  test.each(Array.from({ length: 1_000 }, (_, index) => index + 1))(
    'loses and invents nothing, seed %i',
    async (seed) => {
      const model = new Model(seed)
      await model.open()
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      for (let step = 0; step < 40; step++) await model.step(String(step))
      model.losePower()
      await model.open()

      // Whatever happened, it takes requests again.
      await expect(
        model.journal?.append({ signal: 'logs', bytes: Buffer.from('last'), count: 1 }),
      ).resolves.toBeUndefined()
      model.tried.add('last')
      const replayed = model.handedOn.map(textOf)
      const present = new Set([...model.committed, ...replayed])
      expect([...model.acknowledged].filter((text) => !present.has(text))).toEqual([])
      expect([...present].filter((text) => !model.tried.has(text))).toEqual([])
      expect(new Set(replayed).size).toBe(replayed.length)
    },
  )
})
