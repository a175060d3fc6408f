import { describe, expect, test } from 'vitest'

import { frameGroup } from '../../../src/backend/journal/frame-group.ts'
import { encodeEntryHead } from '../../../src/backend/journal/journal-entry.ts'
import { SEGMENT_HEAD } from '../../../src/backend/journal/segment.ts'
import { framesOfSegment } from '../../../src/backend/journal/segment-frames.ts'
import { frameOfVersion1 } from '../support/frame-version-1.ts'

const entry = (text: string) => ({ signal: 'logs', count: 1, receivedUnixNano: 1n, bytes: Buffer.from(text) }) as const
const group = (texts: readonly string[], first: number): Buffer => Buffer.concat(frameGroup(texts.map(entry), first))
const contentOf = (text: string): Buffer => Buffer.concat([encodeEntryHead(entry(text)), Buffer.from(text)])

describe('a segment of the journal', () => {
  test.each([1, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER - 2])(
    'gives back sequences from %i on',
    (first) => {
      const content = Buffer.concat([SEGMENT_HEAD, group(['a', 'b', 'c'], first)])
      const { frames, damages } = framesOfSegment(content, first)
      expect(damages).toEqual([])
      expect(frames.map(({ sequence }) => sequence)).toEqual([first, first + 1, first + 2])
      expect(frames.map(({ bytes }) => Buffer.from(bytes))).toEqual(['a', 'b', 'c'].map(contentOf))
    },
  )

  test('reads what stands after a gap, and not what does not rise', () => {
    const content = Buffer.concat([SEGMENT_HEAD, group(['a'], 10), group(['b'], 1_000_000), group(['again'], 10)])
    const { frames, damages } = framesOfSegment(content, 10)
    expect(frames.map(({ sequence }) => sequence)).toEqual([10, 1_000_000])
    expect(damages).toHaveLength(1)
  })

  test('of version 1 is read as ever', () => {
    const head = Uint8Array.from([...SEGMENT_HEAD.subarray(0, -1), 1])
    const content = Buffer.concat([head, frameOfVersion1(41, contentOf('a')), frameOfVersion1(43, contentOf('b'))])
    const { frames, damages } = framesOfSegment(content, 41)
    expect(damages).toEqual([])
    expect(frames.map(({ sequence }) => sequence)).toEqual([41, 43])
    expect(Buffer.from(frames[1]!.bytes)).toEqual(contentOf('b'))
  })
})
