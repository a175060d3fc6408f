import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createSseParser, MAX_EVENT_LENGTH } from '../../src/client/sse-parser.ts'
import { textOf } from '../../src/client/response-text.ts'

function parse(...pieces: readonly string[]) {
  const parser = createSseParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

test.each([
  { text: 'data: a\n\n', events: [{ type: 'message', data: 'a', id: undefined }] },
  { text: 'id: 1\nevent: log\ndata: {}\n\n', events: [{ type: 'log', data: '{}', id: '1' }] },
  { text: 'data: a\r\ndata:b\r\n\r\n', events: [{ type: 'message', data: 'a\nb', id: undefined }] },
  { text: 'data: a\rdata\r\r', events: [{ type: 'message', data: 'a\n', id: undefined }] },
  { text: ': comment\n\n\ndata: a\n:x\n\n', events: [{ type: 'message', data: 'a', id: undefined }] },
  {
    text: 'id: 7\n\ndata:  two\n\ndata: b\n\n',
    events: [
      { type: 'message', data: ' two', id: '7' },
      { type: 'message', data: 'b', id: '7' },
    ],
  },
  { text: 'event: log\n\ndata: a\n\n', events: [{ type: 'message', data: 'a', id: undefined }] },
  { text: 'id: a\0b\nretry: 1\nunknown: x\ndata: a\n\n', events: [{ type: 'message', data: 'a', id: undefined }] },
  { text: 'data: without an end\n', events: [] },
])('reads $text', ({ text, events }) => {
  expect(parse(text)).toEqual(events)
})

/** Bytes of anything that a stream may be made of. */
const streams = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        'data: ',
        'data',
        'event: log',
        'id: 4',
        ':',
        ' ',
        '\uFEFF',
        'ä',
        '😀',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => new TextEncoder().encode(parts.join('')))

async function eventsOf(bytes: Uint8Array, cuts: readonly number[]) {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  const pieces = at.slice(1).map((to, i) => bytes.slice(at[i], to))
  const parser = createSseParser()
  const events = []
  for await (const text of textOf(new Response(ReadableStream.from(pieces)))) events.push(...parser.push(text))
  return events
}

test('any cut of the bytes gives the same events', async () => {
  await fc.assert(
    fc.asyncProperty(streams, fc.array(fc.nat(), { maxLength: 30 }), async (bytes, cuts) => {
      expect(await eventsOf(bytes, cuts)).toEqual(await eventsOf(bytes, []))
    }),
  )
})

describe('what is too long', () => {
  const long = 'x'.repeat(MAX_EVENT_LENGTH)

  test.each([
    { name: 'one line', pieces: [`data: ${long}\n\n`] },
    { name: 'one line in pieces', pieces: ['data: ', long, long, '\n\n'] },
    { name: 'many lines', pieces: ['data: x\n'.repeat(MAX_EVENT_LENGTH / 4), '\n'] },
    { name: 'lines of nothing', pieces: ['data\n'.repeat(MAX_EVENT_LENGTH / 4), '\n'] },
    { name: 'a comment', pieces: [`:${long}`, '\n', '\n'] },
  ])('is left out and counted, and what follows is read: $name', ({ pieces }) => {
    const parser = createSseParser()
    expect(pieces.flatMap((piece) => parser.push(piece))).toEqual([])
    expect(parser.tooLong).toBe(1)
    expect(parser.push('data: next\n\n')).toEqual([{ type: 'message', data: 'next', id: undefined }])
  })

  test('is no sum of comments between two events', () => {
    const parser = createSseParser()
    for (let i = 0; i < 20; i++) expect(parser.push(`:${'x'.repeat(MAX_EVENT_LENGTH / 8)}\n`)).toEqual([])
    expect(parser.push('data: a\n\n')).toHaveLength(1)
  })
})
