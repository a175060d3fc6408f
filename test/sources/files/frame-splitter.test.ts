import { zstdCompressSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LineCutter } from '../../../src/sources/files/read-lines.ts'

/** As the Collector's file exporter writes it. */
function frame(text: string): Buffer {
  const packed = zstdCompressSync(text)
  const head = Buffer.alloc(4)
  head.writeUInt32BE(packed.length)
  return Buffer.concat([head, packed])
}

function read(chunks: readonly Uint8Array[]) {
  const cutter = new LineCutter()
  const groups = [...chunks.flatMap((chunk) => [...cutter.take(chunk)]), ...cutter.rest()]
  return groups.map(({ lines, number, offset }) => ({ lines, number, offset }))
}

test('requests are those that were written, however they are cut into chunks', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 5 }), (requests, cuts) => {
      const frames = requests.map(frame)
      const bytes = Buffer.concat(frames)
      const ends = [...cuts.map((n) => 1 + (n % bytes.length)).toSorted((a, b) => a - b), bytes.length]
      const chunks = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end)).filter((chunk) => chunk.length > 0)
      let offset = 0
      const expected = requests.map((text, at) => {
        const one = { lines: [text], number: at + 1, offset }
        offset += frames[at]!.length
        return one
      })
      expect(read(chunks)).toEqual(expected)
    }),
  )
})

test('a frame that cannot be unpacked is one unreadable line, the next is read; a torn one at the end is not there yet', () => {
  const bad = Buffer.from([0, 0, 0, 7, 0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])
  expect(read([Buffer.concat([bad, frame('good'), frame('torn').subarray(0, 9)])]).map(({ lines }) => lines)).toEqual([
    [undefined],
    ['good'],
  ])
})

test('a length that no request has ends the reading', () => {
  const lines = read([
    Buffer.concat([frame('good'), Buffer.from([255, 255, 255, 255, 1]), frame('lost')]),
    frame('lost too'),
  ])
  expect(lines.map((group) => group.lines)).toEqual([['good'], [undefined]])
})

test.each([1, 4, 5000])(
  'a text behind NULs is read, in chunks of %i bytes: its writer went on in a file that was cut',
  (size) => {
    const bytes = Buffer.concat([Buffer.alloc(10_000), Buffer.from('first\nsecond\n')])
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    expect(read(chunks).flatMap(({ lines }) => lines)).toEqual(['first', 'second'])
  },
)
