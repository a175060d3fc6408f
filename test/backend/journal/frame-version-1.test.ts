import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { crc32c } from '../../../src/model/crc32c.ts'
import { readFramesOfVersion1 as readFrames } from '../../../src/backend/journal/frame-version-1.ts'
import { frameOfVersion1 as frame } from '../support/frame-version-1.ts'

const FRAME_HEAD_BYTES = 16
const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 })

interface Written {
  readonly file: Buffer
  readonly ends: readonly number[]
}

function write(contents: readonly Uint8Array[]): Written {
  const frames = contents.map((bytes, index) => frame(index * 3 + 1, bytes))
  let at = 0
  return { file: Buffer.concat(frames), ends: frames.map((bytes) => (at += bytes.length)) }
}

describe('CRC-32C', () => {
  test.each([
    { what: '32 zeros', bytes: new Uint8Array(32), expected: 0x8a9136aa },
    { what: '32 times 0xff', bytes: new Uint8Array(32).fill(0xff), expected: 0x62a8ab43 },
    { what: '0 to 31', bytes: Uint8Array.from({ length: 32 }, (_, index) => index), expected: 0x46dd794e },
    { what: '123456789', bytes: Buffer.from('123456789'), expected: 0xe3069283 },
    { what: 'nothing', bytes: new Uint8Array(), expected: 0 },
  ])('of $what is that of RFC 3720', ({ bytes, expected }) => {
    expect(crc32c(bytes)).toBe(expected)
  })

  test('can be taken in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (bytes, cut) => {
        const at = bytes.length === 0 ? 0 : cut % bytes.length
        expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(crc32c(bytes))
      }),
    )
  })
})

describe('a file of frames of version 1', () => {
  test('gives back what was written, in order', () => {
    fc.assert(
      fc.property(payloads, (contents) => {
        const { frames, damages } = readFrames(write(contents).file)
        expect(damages).toEqual([])
        expect(frames.map((read) => read.sequence)).toEqual(contents.map((_, index) => index * 3 + 1))
        expect(frames.map((read) => [...read.bytes])).toEqual(contents.map((bytes) => [...bytes]))
      }),
    )
  })

  test('cut off at any byte gives every frame before the cut', () => {
    const { file, ends } = write([Buffer.from('one'), Buffer.from(''), Buffer.from('three'), Buffer.alloc(40, 7)])
    for (let length = 0; length <= file.length; length++) {
      const { frames, damages } = readFrames(file.subarray(0, length))
      expect(frames).toHaveLength(ends.filter((end) => end <= length).length)
      const whole = [0, ...ends].filter((end) => end <= length).at(-1) ?? 0
      expect(damages).toEqual(whole === length ? [] : [{ start: whole, end: length }])
    }
  })

  test('with any bit flipped loses that frame alone', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat({ max: 7 }), (contents, position, bit) => {
        const { file, ends } = write(contents)
        const at = position % file.length
        file[at] = (file[at] as number) ^ (1 << bit)
        const hit = ends.findIndex((end) => at < end)
        const sequences = contents.map((_, index) => index * 3 + 1).filter((_, index) => index !== hit)
        const { frames, damages } = readFrames(file)
        expect(frames.map((read) => read.sequence)).toEqual(sequences)
        expect(damages).toEqual([{ start: hit === 0 ? 0 : ends[hit - 1], end: ends[hit] }])
      }),
      { numRuns: 500 },
    )
  })

  test('with any one bit flipped loses exactly that frame, whatever the flipped length points at', () => {
    const contents = ['alpha', 'beta', '', 'a longer text, so that flips hit its middle', 'omega'].map((text) =>
      Buffer.from(text),
    )
    const frames = contents.map((bytes, index) => frame(index + 1000, bytes))
    const whole = Buffer.concat(frames)
    const starts = frames.map((_, index) => Buffer.concat(frames.slice(0, index)).length)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      const hit = starts.findLastIndex((start) => start <= bit >> 3)
      const read = readFrames(damaged, 0, 999)
      const rest = [1000, 1001, 1002, 1003, 1004].filter((sequence) => sequence !== 1000 + hit)
      expect(read.frames.map(({ sequence }) => sequence)).toEqual(rest)
      expect(read.damages).toEqual([{ start: starts[hit], end: starts[hit + 1] ?? whole.length }])
    }
  })

  test('does not take a frame inside of a damaged one for one of the file', () => {
    const inner = frame(12, Buffer.from('inner'))
    const file = Buffer.concat([frame(10, Buffer.from('a')), frame(11, inner), frame(12, Buffer.from('c'))])
    // The checksum of the second frame.
    file[2 * FRAME_HEAD_BYTES - 10]! ^= 0xff
    const read = readFrames(file, 0, 9)
    expect(read.frames.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['a', 'c'])
  })

  test('never invents a frame from random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        expect(readFrames(bytes).frames).toEqual([])
      }),
    )
  })

  test('does not read a frame whose sequence does not rise', () => {
    const file = Buffer.concat([frame(5, Buffer.from('a')), frame(5, Buffer.from('b')), frame(6, Buffer.from('c'))])
    const { frames, damages } = readFrames(file)
    expect(frames.map((read) => read.sequence)).toEqual([5, 6])
    expect(damages).toEqual([{ start: FRAME_HEAD_BYTES + 1, end: 2 * (FRAME_HEAD_BYTES + 1) }])
  })

  test('holds sequences up to 2^53 - 1', () => {
    const { frames } = readFrames(frame(Number.MAX_SAFE_INTEGER, Buffer.from('x')), 0, Number.MAX_SAFE_INTEGER - 1)
    expect(frames[0]?.sequence).toBe(Number.MAX_SAFE_INTEGER)
  })
})
