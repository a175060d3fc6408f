import { afterEach, describe, expect, test, vi } from 'vitest'

import { Spool, type SpoolOptions } from '../../../src/export/spool/spool.ts'
import type { SpoolNews } from '../../../src/export/spool/spool-news.ts'
import type { Answer } from '../../../src/export/transports/answer.ts'
import type { Outcome, SentBatch } from '../../../src/export/worker/protocol.ts'
import type { EncodedBatch } from '../../../src/model/encoded-batch.ts'
import type { Signal } from '../../../src/model/signal.ts'
import { memoryFiles, type MemoryFiles } from '../../segments/support/memory-files.ts'
import { textsIn } from './support/spool-kit.ts'

const DOWN: Answer = { kind: 'unreachable', reason: 'ECONNREFUSED' }
const UP: Answer = { kind: 'delivered' }

/** A destination: answers as told, and remembers what it took. */
class Destination {
  answer: Answer = UP
  /** Nobody is answered until it is called. */
  release: (() => void) | undefined
  readonly taken: string[] = []
  inFlight = 0
  mostInFlight = 0
  #gate: Promise<void> = Promise.resolve()

  hold(): void {
    this.#gate = new Promise((resolve) => (this.release = resolve))
  }

  async take(bytes: Uint8Array): Promise<Answer> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    await this.#gate
    await new Promise((resolve) => setImmediate(resolve))
    this.inFlight--
    const { answer } = this
    if (answer.kind === 'delivered') this.taken.push(...textsIn(bytes))
    return answer
  }
}

interface Opened {
  readonly spool: Spool
  readonly destination: Destination
  readonly files: MemoryFiles
  readonly news: SpoolNews[]
  readonly send: (
    id: number,
    options?: { readonly isForSpool?: boolean; readonly signal?: Signal; readonly texts?: readonly string[] },
  ) => Promise<Outcome>
}

const opened: Spool[] = []
afterEach(() => {
  for (const spool of opened.splice(0)) spool.stop()
})

function batchOf(id: number, signal: Signal, texts: readonly string[]): EncodedBatch {
  let at = 0
  const records = texts.map((text) => Buffer.concat([Buffer.from([0x12, text.length]), Buffer.from(text)]))
  const severities = new Uint8Array(texts.length).fill(9)
  return {
    signal,
    resource: Buffer.from([0x0a, 0]),
    scopes: [Buffer.from([0x0a, 0]), Buffer.from([0x0a, 3, 0x0a, 1, 0x61])],
    bytes: Uint8Array.from(Buffer.concat(records)),
    ends: Int32Array.from(records, ({ length }) => (at += length)),
    severities,
    ranks: severities,
    scopeOf: new Uint16Array(texts.length).fill(1),
    seqs: Float64Array.from(texts, (_, index) => id * 10 + index),
    sinceMillis: 0,
  }
}

function open(options: Partial<SpoolOptions> & { readonly files?: MemoryFiles; readonly owner?: string } = {}): Opened {
  const { files = memoryFiles(), owner = 'aa-1-2-3', ...rest } = options
  const destination = new Destination()
  const news: SpoolNews[] = []
  const spool = new Spool({
    config: { directory: '/spool', service: 'shop', maxBytes: Infinity, fsync: 'interval', isSync: false },
    lanes: { logs: 'logs/otlp', spans: 'spans/otlp' },
    sender: {
      send: async ({ id, lane, batch }) => {
        const { requestOf } = await import('../../../src/model/encoded-batch.ts')
        return { id, lane, ...(await destination.take(requestOf(batch))) }
      },
      sendRequest: (_lane, { bytes }) => destination.take(bytes),
      hurry: () => {},
      settle: () => {},
      stop: () => {},
    },
    files,
    owners: { own: owner, isGone: (other) => other !== owner },
    makeDirectory: async () => {},
    wallMillis: Date.now,
    disowned: { logs: [], spans: [] },
    tell: (one) => news.push(one),
    ...rest,
  })
  opened.push(spool)
  return {
    spool,
    destination,
    files,
    news,
    send: (id, { isForSpool = false, signal = 'logs', texts = [`text ${id}`] } = {}) => {
      const sent: SentBatch = {
        id,
        lane: `${signal}/otlp`,
        batch: batchOf(id, signal, texts),
        isProbe: false,
        isForSpool,
        isOnDisk: false,
      }
      return spool.send(sent)
    },
  }
}

const countOf = (news: readonly SpoolNews[]): number =>
  news.reduce((sum, one) => {
    if (one.kind === 'answered') return sum + one.records.count
    return sum
  }, 0)

describe('a batch from memory', () => {
  test('that is answered at once is never written', async () => {
    const { send, files } = open()
    expect(await send(1)).toEqual({ id: 1, lane: 'logs/otlp', kind: 'delivered' })
    expect(files.names()).toEqual([])
  })

  test('that was taken back, as its sender was stopped, is not written: its memory may hold other records by now', async () => {
    const { send, files, destination, spool } = open()
    destination.answer = DOWN
    destination.hold()
    const outcome = send(1)
    spool.stop()
    destination.release?.()
    expect((await outcome).kind).toBe('unreachable')
    expect(files.names()).toEqual([])
  })

  test('that is not answered soon is on disk before the answer, and gone after it', async () => {
    const { send, files, destination, spool } = open()
    destination.hold()
    const outcome = send(1)
    await vi.waitFor(async () => expect((await files.read(files.names()[0]!)).length).toBeGreaterThan(60), 10_000)
    destination.release?.()
    expect((await outcome).kind).toBe('delivered')
    spool.hurry(0)
    await vi.waitFor(() => expect(files.names()).toEqual([]), 10_000)
  })

  test('that nobody answers is spooled, and sent when somebody does', async () => {
    const { send, destination, news, files } = open()
    destination.answer = DOWN
    expect(await send(1)).toEqual({ id: 1, lane: 'logs/otlp', kind: 'spooled', reason: 'ECONNREFUSED' })
    expect(await send(2, { isForSpool: true })).toEqual({ id: 2, lane: 'logs/otlp', kind: 'spooled' })
    expect(files.names()).toHaveLength(1)
    destination.answer = UP
    await vi.waitFor(() => expect(destination.taken).toEqual(['text 1', 'text 2']), 10_000)
    await vi.waitFor(() => expect(files.names()).toEqual([]), 10_000)
    expect(countOf(news)).toBe(2)
    expect(news).toContainEqual({ kind: 'up', lane: 'logs/otlp' })
  })

  test('stays with who sent it when the disk refuses as well', async () => {
    const { send, destination, files } = open()
    destination.answer = DOWN
    files.fault = { code: 'ENOSPC' }
    expect(await send(1)).toEqual({ id: 1, lane: 'logs/otlp', ...DOWN })
    expect((await send(2, { isForSpool: true })).kind).toBe('unreachable')
  })

  test('does not wait for a disk that stalls', async () => {
    const { send, files, destination } = open()
    files.stall = new Promise(() => {})
    destination.hold()
    const outcome = send(1)
    await new Promise((resolve) => setTimeout(resolve, 80))
    destination.release?.()
    expect((await outcome).kind).toBe('delivered')
  })

  test('is left to the disk when the process ends', async () => {
    const { send, destination, spool, files } = open()
    destination.hold()
    const outcome = send(1)
    spool.hurry(0)
    expect(await outcome).toMatchObject({ id: 1, kind: 'spooled' })
    expect(files.names()).toHaveLength(1)
  })

  test('is left to the disk when somebody flushes, and counted when its answer comes', async () => {
    const { send, destination, spool, news } = open()
    destination.hold()
    const outcome = send(1)
    spool.settle()
    expect(await outcome).toEqual({ id: 1, lane: 'logs/otlp', kind: 'spooled' })
    destination.release?.()
    await vi.waitFor(() => expect(countOf(news)).toBe(1), 10_000)
    expect(destination.taken).toEqual(['text 1'])
  })
})

describe('what is on disk', () => {
  test('is taken over from a process that is gone, by one of those that look', async () => {
    const first = open({ owner: 'aa-1-1-1' })
    first.destination.answer = DOWN
    for (const id of [1, 2, 3]) await first.send(id, { isForSpool: true })
    await first.send(4, { isForSpool: true, signal: 'spans' })
    first.spool.stop()
    const files = first.files.afterKill()
    const heirs = ['aa-1-2-2', 'aa-1-3-3'].map((owner) =>
      open({ files, owner, owners: { own: owner, isGone: (other) => other === 'aa-1-1-1' } }),
    )
    await vi.waitFor(() => expect(files.names()).toEqual([]), 10_000)
    const taken = heirs.flatMap(({ destination }) => destination.taken)
    expect(taken.toSorted()).toEqual(['text 1', 'text 2', 'text 3', 'text 4'])
    const adopted = heirs.flatMap(({ news }) => news.flatMap((one) => (one.kind === 'adopted' ? [one.count] : [])))
    expect(adopted.reduce((sum, count) => sum + count, 0)).toBe(4)
  })

  test('stays with an owner elsewhere that touches one of its files, and where there is no lane for it', async () => {
    let now = 1_000_000
    const files = memoryFiles(() => now)
    const first = open({ files, owner: 'bb-1-1-1' })
    first.destination.answer = DOWN
    await first.send(1, { isForSpool: true })
    await first.send(2, { isForSpool: true, signal: 'spans' })
    first.spool.stop()
    const before = files.names()
    const left = files.afterKill()
    now += 60_000
    await left.touch(before.at(-1)!)
    const isGone = (_owner: string, touchedMillis: number) => now - touchedMillis > 5_000
    const elsewhere = open({ files: left, owner: 'aa-1-2-2', owners: { own: 'aa-1-2-2', isGone } })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(left.names()).toEqual(before)
    elsewhere.spool.stop()

    now += 60_000
    const heir = open({
      files: left,
      owner: 'aa-1-3-3',
      owners: { own: 'aa-1-3-3', isGone },
      lanes: { logs: 'logs/otlp' },
    })
    await vi.waitFor(() => expect(heir.destination.taken).toEqual(['text 1']), 10_000)
    await vi.waitFor(() => expect(left.names()).toEqual([expect.stringContaining('bb-1-1-1')]), 10_000)
  })

  test('of a worker that died is sent by the next one, without what is sent again from memory', async () => {
    const first = open()
    first.destination.answer = DOWN
    for (const id of [1, 2, 3]) await first.send(id, { isForSpool: true })
    first.spool.stop()
    const next = open({ files: first.files.afterKill(), disowned: { logs: [2], spans: [] } })
    await vi.waitFor(() => expect(next.destination.taken.toSorted()).toEqual(['text 1', 'text 3']), 10_000)
    expect(next.news.filter(({ kind }) => kind === 'adopted')).toEqual([])
    expect(countOf(next.news)).toBe(2)
  })

  test('is sent by four requests at a time, no more', async () => {
    const { send, destination, news } = open()
    destination.answer = DOWN
    for (let id = 1; id <= 40; id++) {
      // Large enough not to be sent together.
      await send(id, { isForSpool: true, texts: Array.from({ length: 100 }, () => 'x'.repeat(100)) })
    }
    destination.answer = UP
    destination.mostInFlight = 0
    await vi.waitFor(() => expect(countOf(news)).toBe(4_000), 10_000)
    expect(destination.mostInFlight).toBe(4)
  })

  test('is halved until it is small enough, and what never is is lost and counted', async () => {
    const { send, destination, news, files, spool } = open()
    destination.answer = DOWN
    await send(1, { isForSpool: true, texts: ['a', 'b', 'a text that is too large', 'c'] })
    Object.assign(destination, {
      take: async (bytes: Uint8Array): Promise<Answer> => {
        const texts = textsIn(bytes)
        if (texts.some((text) => text.length > 20)) return { kind: 'too_large', reason: 'HTTP 413' }
        destination.taken.push(...texts)
        return UP
      },
    })
    await vi.waitFor(() => expect(countOf(news)).toBe(4), 10_000)
    expect(destination.taken.toSorted()).toEqual(['a', 'b', 'c'])
    expect(news.filter((one) => one.kind === 'answered' && one.answer.kind === 'too_large')).toHaveLength(1)
    await vi.waitFor(() => expect(files.names()).toEqual([]), 10_000)
    spool.stop()
  })
})
