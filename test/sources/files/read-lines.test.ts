import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { fileBytes, type LineGroup, readLines } from '../../../src/sources/files/read-lines.ts'

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of [...cuts.map((n) => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, cut)
    from = cut
  }
}

async function all(bytes: AsyncIterable<Uint8Array>) {
  const groups: LineGroup[] = []
  for await (const group of readLines(bytes)) groups.push(group)
  return {
    lines: groups.flatMap(({ lines }) => lines),
    numbers: groups.flatMap(({ lines, number }) => lines.map((_, at) => number + at)),
    offsets: groups.map(({ offset }) => offset),
    isUnfinished: groups.some((group) => group.isUnfinished),
  }
}

test('lines are those of the text, however it is cut into chunks', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '日', '😀', '\r'), maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 6 }), async (content, cuts) => {
      const expected = content.split('\n')
      const isUnfinished = expected.at(-1) !== ''
      if (!isUnfinished) expected.pop()
      const read = await all(chunksOf(Buffer.from(content), cuts))
      expect(read).toMatchObject({ lines: expected, numbers: expected.map((_, at) => at + 1), isUnfinished })
      const lineStarts = expected.map((_, at) =>
        Buffer.byteLength(
          expected
            .slice(0, at)
            .map((line) => `${line}\n`)
            .join(''),
        ),
      )
      expect(lineStarts).toEqual(expect.arrayContaining(read.offsets))
    }),
  )
})

test.each([
  ['plain', (bytes: Uint8Array) => bytes],
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('%s files are read, whatever their name', async (_, pack) => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-lines-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const lines = Array.from({ length: 50_000 }, (__, n) => `line ${n}`)
  writeFileSync(join(folder, 'file'), pack(Buffer.from(`${lines.join('\n')}\n`)))
  expect((await all(fileBytes(join(folder, 'file')))).lines).toEqual(lines)
})

test('a packed file that is cut off gives what it holds, then an error', async () => {
  const noise = Array.from({ length: 200_000 }, (_, n) => String(Math.sin(n))).join('\n')
  const bytes = gzipSync(Buffer.from(noise)).subarray(0, 1_500_000)
  const lines: unknown[] = []
  await expect(async () => {
    for await (const group of readLines(chunksOf(bytes, [1_000_000]))) lines.push(...group.lines)
  }).rejects.toThrow('unexpected end of file')
  expect(lines.length).toBeGreaterThan(10_000)
})

test('a line that is too long is skipped, and the next one is read', async () => {
  async function* long(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('before\n')
    const chunk = Buffer.alloc(32 * 1024 * 1024, 'x')
    for (let n = 0; n < 9; n++) yield chunk
    yield Buffer.from('\nafter\n')
  }
  expect((await all(long())).lines).toEqual(['before', undefined, 'after'])
})
