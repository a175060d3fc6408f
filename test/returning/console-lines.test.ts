import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { ConsoleLines } from '../../src/returning/console-lines.ts'

function linesOf(chunks: readonly (string | Uint8Array)[], hide = (text: string) => text): string[] {
  const lines: string[] = []
  const console = new ConsoleLines(hide, (line) => void lines.push(line))
  for (const chunk of chunks) console.write(chunk, undefined)
  console.end()
  return lines
}

test('however bytes are cut, the lines are those of the text', () => {
  const text = 'grün\r\n\r\ntwo\n漢字 🙂 rest'
  const bytes = Buffer.from(text)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
      expect(linesOf(chunks)).toEqual(['grün', '', 'two', '漢字 🙂 rest'])
    }),
  )
})

test('a key that is written line by line is hidden as a whole', () => {
  const hide = (text: string): string => text.replace(/-----BEGIN [^]*?-----END [A-Z ]*-----/g, '[redacted]')
  const key = [
    'before',
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEpAIBAAKCAQEA',
    '-----END RSA PRIVATE KEY-----',
    'after',
  ]
  expect(
    linesOf(
      key.map((line) => `${line}\n`),
      hide,
    ),
  ).toEqual(['before', '[redacted]', 'after'])
})

test('a line without an end is told in parts of 64 KiB', () => {
  const lines = linesOf(Array.from({ length: 20 }, () => 'x'.repeat(10_000)))
  expect(lines.map((line) => line.length)).toEqual([65_536, 65_536, 65_536, 3_392])
})

test.each([
  ['base64', 'Z3LDvG4K'],
  ['hex', '6772c3bc6e0a'],
])('a text that stands for bytes (%s) is those', (encoding, chunk) => {
  const lines: string[] = []
  new ConsoleLines(
    (text) => text,
    (line) => void lines.push(line),
  ).write(chunk, encoding)
  expect(lines).toEqual(['grün'])
})
