import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encodeFrameHead, FRAME_HEAD_BYTES, type FrameHead, readFrames } from '../../src/segments/frame.ts'

interface Content extends FrameHead {
  readonly bytes: Uint8Array
}

const frame = ({ kind, id, bytes }: Content): Buffer => Buffer.concat([encodeFrameHead({ kind, id }, [bytes]), bytes])
const text = (content: string, id = 1): Content => ({ kind: 1, id, bytes: Buffer.from(content) })
const plain = ({ kind, id, bytes }: Content) => ({ kind, id, bytes: [...bytes] })

const contents = fc.array(
  fc.record({
    kind: fc.integer({ min: 1, max: 255 }),
    id: fc.nat({ max: 2 ** 32 - 1 }),
    bytes: fc.uint8Array({ maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 8 },
)

function write(written: readonly Content[]): { readonly file: Buffer; readonly ends: readonly number[] } {
  let at = 0
  const frames = written.map(frame)
  return { file: Buffer.concat(frames), ends: frames.map((bytes) => (at += bytes.length)) }
}

describe('a file of frames', () => {
  test('gives back what was written, in order', () => {
    fc.assert(
      fc.property(contents, (written) => {
        const { frames, damages } = readFrames(write(written).file)
        expect(damages).toEqual([])
        expect(frames.map(plain)).toEqual(written.map(plain))
      }),
    )
  })

  test('is the same whether its bytes come in one piece or in several', () => {
    const pieces = ['one', '', 'two'].map((piece) => Buffer.from(piece))
    expect(encodeFrameHead({ kind: 7, id: 9 }, pieces)).toEqual(
      encodeFrameHead({ kind: 7, id: 9 }, [Buffer.concat(pieces)]),
    )
  })

  test('cut off at any byte gives every frame before the cut', () => {
    const { file, ends } = write([
      text('one'),
      text(''),
      text('three'),
      { kind: 3, id: 2 ** 32 - 1, bytes: Buffer.alloc(40, 7) },
    ])
    for (let length = 0; length <= file.length; length++) {
      const { frames, damages } = readFrames(file.subarray(0, length))
      expect(frames).toHaveLength(ends.filter((end) => end <= length).length)
      const whole = [0, ...ends].filter((end) => end <= length).at(-1) ?? 0
      expect(damages).toEqual(whole === length ? [] : [{ start: whole, end: length }])
    }
  })

  test('with any one bit flipped loses exactly that frame, whatever the flipped length points at', () => {
    const written = ['alpha', 'beta', '', 'a longer text, so that flips hit its middle', 'omega'].map(
      (content, index) => text(content, index),
    )
    const { file, ends } = write(written)
    for (let bit = 0; bit < file.length * 8; bit++) {
      const damaged = Buffer.from(file)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      const hit = ends.findIndex((end) => bit >> 3 < end)
      const read = readFrames(damaged)
      expect(read.frames.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].filter((id) => id !== hit))
      expect(read.damages).toEqual([{ start: ends[hit - 1] ?? 0, end: ends[hit] }])
    }
  })

  test('gives every frame that a page of zeros does not touch', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 80 }), (written, position, length) => {
        const { file, ends } = write(written)
        const from = position % file.length
        const before = Buffer.from(file)
        file.fill(0, from, Math.min(from + length, file.length))
        const isWhole = (index: number): boolean => {
          const [start, end] = [ends[index - 1] ?? 0, ends[index]]
          return file.subarray(start, end).equals(before.subarray(start, end))
        }
        expect(readFrames(file).frames.map(plain)).toEqual(written.filter((_, index) => isWhole(index)).map(plain))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    { what: 'damaged', end: undefined, expected: ['a', 'c'] },
    { what: 'torn', end: -FRAME_HEAD_BYTES - 2, expected: ['a'] },
  ])('does not take a frame inside of a $what one for one of the file', ({ what, end, expected }) => {
    const outer = text(`${frame(text('inner')).toString('latin1')} and more`)
    const file = Buffer.concat([frame(text('a')), frame(outer), frame(text('c'))]).subarray(0, end)
    // The checksum of the second frame.
    if (what === 'damaged') file[FRAME_HEAD_BYTES + 1 + 4]! ^= 0xff
    expect(readFrames(file).frames.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(expected)
  })

  test('does not give a frame that may not stand where it does', () => {
    const { file } = write([text('a', 5), text('b', 5), text('c', 6)])
    const { frames, damages } = readFrames(file, { mayFollow: ({ id }, before) => id > (before?.id ?? 0) })
    expect(frames.map(({ id }) => id)).toEqual([5, 6])
    expect(damages).toEqual([{ start: FRAME_HEAD_BYTES + 1, end: 2 * (FRAME_HEAD_BYTES + 1) }])
  })

  test('never invents a frame from random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        expect(readFrames(bytes).frames).toEqual([])
      }),
    )
  })
})
