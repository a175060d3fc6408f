import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { WantedLines } from '../../../src/export/wanted/wanted-lines.ts'
import { MAX_WANTED_PER_SECOND, wantedEvent } from '../../../src/model/wanted-traces.ts'

const id = (n: number) => n.toString(16).padStart(32, '0')
const traceId = fc.stringMatching(/^[0-9a-f]{32}$/)

function read(lines: WantedLines, text: string): readonly string[] {
  return lines.read(Buffer.from(text, 'latin1'))
}

test('events are read, comments and other fields are not', () => {
  const lines = new WantedLines(() => 0)
  expect(read(lines, `:\n\nid: 7\nevent: x\ndata: ${id(1)}\n\ndata: ${id(2)}\r\n\r\n`)).toEqual([id(1), id(2)])
})

test.each([
  ['upper case', id(10).toUpperCase()],
  ['too short', id(1).slice(1)],
  ['too long', `${id(1)}0`],
  ['nothing', ''],
  ['a text', '__proto__'],
  ['JSON', `["${id(1)}"]`],
])('%s is no trace', (_what, value) => {
  expect(read(new WantedLines(() => 0), `data: ${value}\n\n`)).toEqual([])
})

test('wherever the stream is cut, the same traces are read', () => {
  fc.assert(
    fc.property(fc.array(traceId, { maxLength: 10 }), fc.array(fc.nat({ max: 40 }), { maxLength: 30 }), (ids, cuts) => {
      const lines = new WantedLines(() => 0)
      const text = ids.map((each) => `:\n\n${wantedEvent(each)}`).join('')
      const found: string[] = []
      let from = 0
      for (const cut of cuts) {
        found.push(...read(lines, text.slice(from, from + cut)))
        from += cut
      }
      found.push(...read(lines, text.slice(from)))
      expect(found).toEqual(ids)
    }),
  )
})

test('whatever it sends: only ids come out', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }), (chunks) => {
      const lines = new WantedLines(() => 0)
      for (const chunk of chunks) for (const found of lines.read(chunk)) expect(found).toMatch(/^[0-9a-f]{32}$/)
    }),
  )
})

test('a line without an end is skipped, and what comes behind it is read', () => {
  const lines = new WantedLines(() => 0)
  for (let i = 0; i < 100; i++) expect(read(lines, 'x'.repeat(1_000))).toEqual([])
  expect(read(lines, `${wantedEvent(id(1))}${wantedEvent(id(2))}`)).toEqual([id(2)])
})

test('more than may be told in a second is left out, and counted', () => {
  let nowMillis = 10_000
  const lines = new WantedLines(() => nowMillis)
  const many = Array.from({ length: MAX_WANTED_PER_SECOND + 7 }, (_, i) => wantedEvent(id(i))).join('')
  expect(read(lines, many)).toHaveLength(MAX_WANTED_PER_SECOND)
  expect(lines.dropped).toBe(7)
  nowMillis += 1_000
  expect(read(lines, wantedEvent(id(1)))).toEqual([id(1)])
})

test('what sends more than a backend of ours can is over; one that sends all it may goes on', () => {
  let nowMillis = 0
  const ours = new WantedLines(() => nowMillis)
  const second = Array.from({ length: MAX_WANTED_PER_SECOND }, (_, i) => wantedEvent(id(i))).join('')
  for (let i = 0; i < 60; i++) {
    expect(read(ours, second)).toHaveLength(MAX_WANTED_PER_SECOND)
    nowMillis += 1_000
  }
  expect(ours.isOver).toBe(false)
  const flood = new WantedLines(() => nowMillis)
  for (let i = 0; i < 20; i++) read(flood, ':'.repeat(65_536))
  expect(flood.isOver).toBe(true)
  expect(read(flood, wantedEvent(id(1)))).toEqual([])
})
