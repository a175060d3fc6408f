import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readSegment } from '../../../src/export/spool/read-segment.ts'
import {
  batchFrame,
  endFrame,
  type Entry,
  isLater,
  SEGMENT_HEAD,
  segmentHead,
} from '../../../src/export/spool/spool-format.ts'
import { entryOf } from './support/spool-kit.ts'

const file = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat([SEGMENT_HEAD, ...parts])
const ids = (content: Uint8Array): number[] => readSegment(content).entries.map(({ id }) => id)
const plain = ({ bytes, ...head }: Entry) => ({ ...head, bytes: [...bytes] })

describe('a segment of the spool', () => {
  test('gives back every batch as it was', () => {
    const entries = fc.uniqueArray(
      fc.record({
        id: fc.nat({ max: 2 ** 32 - 1 }),
        signal: fc.constantFrom('logs' as const, 'spans' as const),
        count: fc.nat({ max: 2 ** 32 - 1 }),
        firstSeq: fc.maxSafeNat(),
        lastSeq: fc.maxSafeNat(),
        bytes: fc.uint8Array({ maxLength: 50 }),
      }),
      { selector: ({ id }) => id, maxLength: 6 },
    )
    fc.assert(
      fc.property(entries, (written) => {
        const read = readSegment(file(...written.flatMap(batchFrame)))
        expect(read.entries.map(plain)).toEqual(written.map(plain))
        expect(read.damages).toEqual([])
      }),
    )
  })

  test.each(['answered', 'dropped'] as const)('does not give a batch that was %s', (kind) => {
    expect(ids(file(...[1, 2, 3].flatMap((id) => batchFrame(entryOf(id))), endFrame(kind, 2)))).toEqual([1, 3])
  })

  test('does not give records whose number was answered for', () => {
    const records = Array.from({ length: 9 }, (_, seq) => ({ ...entryOf(seq), firstSeq: seq, lastSeq: seq }))
    const marks = [endFrame('answered', { firstSeq: 2, lastSeq: 4 }), endFrame('answered', { firstSeq: 7, lastSeq: 7 })]
    expect(ids(file(...records.flatMap(batchFrame), ...marks))).toEqual([0, 1, 5, 6, 8])
  })

  test.each([
    { what: 'a head of ours', content: SEGMENT_HEAD, isLaterThanOurs: false },
    { what: 'a head of the next version', content: segmentHead(2), isLaterThanOurs: true },
    { what: 'a head of ours with a flipped version', content: flipped(SEGMENT_HEAD, 4), isLaterThanOurs: false },
    { what: 'nothing', content: Buffer.alloc(0), isLaterThanOurs: false },
    { what: 'something else', content: Buffer.from('this is no segment of any spool'), isLaterThanOurs: false },
  ])('with $what: later is $isLaterThanOurs', ({ content, isLaterThanOurs }) => {
    expect(isLater(content)).toBe(isLaterThanOurs)
  })

  test('is read although its head cannot be', () => {
    for (let at = 0; at < SEGMENT_HEAD.length; at++) {
      expect(ids(Buffer.concat([flipped(SEGMENT_HEAD, at), ...batchFrame(entryOf(5))]))).toEqual([5])
    }
  })
})

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 0x10
  return copy
}
