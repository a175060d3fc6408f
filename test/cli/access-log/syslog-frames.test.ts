/** Messages of syslog out of a stream, however it is cut, whatever it holds. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { MAX_MESSAGE_BYTES, SyslogFrames } from '../../../src/cli/access-log/syslog-frames.ts'
import { fasterThanSize } from '../../support/growth.ts'

interface Reader {
  readonly seen: string[]
  readonly frames: SyslogFrames
  readonly tooLong: () => number
}

function reader(): Reader {
  const seen: string[] = []
  let count = 0
  const frames = new SyslogFrames({ onMessage: (message) => seen.push(message), onTooLong: () => void (count += 1) })
  return { seen, frames, tooLong: () => count }
}

const counted = (message: string): string => `${Buffer.byteLength(message)} ${message}`
const withNewline = (message: string): string => `<134>${message}\n`

test('messages are those that were sent, by either framing, however they are cut into chunks', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', '7', ' ', '<', 'é', '😀'), minLength: 1, maxLength: 30 })
  const message = fc.record({ text: letters, isCounted: fc.boolean(), hasNewline: fc.boolean() })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 6 }), (messages, cuts) => {
      const bytes = Buffer.concat(
        messages.map(({ text, isCounted, hasNewline }) =>
          Buffer.from(isCounted ? `${counted(text)}${hasNewline ? '\n' : ''}` : withNewline(text)),
        ),
      )
      const { seen, frames, tooLong } = reader()
      let from = 0
      for (const cut of [...cuts.map((n) => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
        expect(frames.take(bytes.subarray(from, cut))).toBe(true)
        from = cut
      }
      expect(seen).toEqual(messages.map(({ text, isCounted }) => (isCounted ? text : `<134>${text}`)))
      expect(tooLong()).toBe(0)
    }),
  )
})

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
      const { frames } = reader()
      chunks.every((chunk) => frames.take(chunk))
      frames.end()
    }),
  )
})

test.each(['GET / HTTP/1.1\r\n\r\n', '0 x', '12345678901 x', '12x', '\x16\x03\x01'])('%j is refused', (text) => {
  const { seen, frames } = reader()
  expect(frames.take(Buffer.from(text))).toBe(false)
  expect(seen).toEqual([])
})

test.each([
  { framing: 'counted', long: counted('x'.repeat(MAX_MESSAGE_BYTES + 1)) },
  { framing: 'with a newline', long: withNewline('x'.repeat(MAX_MESSAGE_BYTES)) },
])('a message that is too long, $framing, is passed over and counted; the next one is read', ({ long }) => {
  const { seen, frames, tooLong } = reader()
  for (const part of [long.slice(0, 70_000), long.slice(70_000), counted('next')])
    expect(frames.take(Buffer.from(part))).toBe(true)
  expect([seen, tooLong()]).toEqual([['next'], 1])
})

test('the longest message is kept', () => {
  const { seen, frames, tooLong } = reader()
  expect(frames.take(Buffer.from(counted('x'.repeat(MAX_MESSAGE_BYTES))))).toBe(true)
  expect([seen[0]?.length, tooLong()]).toEqual([MAX_MESSAGE_BYTES, 0])
})

test('what has no newline yet is a message when the stream ends; half of a counted one is none', () => {
  const whole = reader()
  whole.frames.take(Buffer.from('<134>the last'))
  whole.frames.end()
  const half = reader()
  half.frames.take(Buffer.from('30 <134>half'))
  half.frames.end()
  expect([whole.seen, half.seen]).toEqual([['<134>the last'], []])
})

test('messages that come byte by byte cost as much for each byte, whatever they hold', () => {
  const take = (text: string) => {
    const { frames } = reader()
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 1) frames.take(bytes.subarray(at, at + 1))
  }
  expect(fasterThanSize(take, [{ before: '<134>' }, { before: '65536 ' }])).toEqual([])
})
