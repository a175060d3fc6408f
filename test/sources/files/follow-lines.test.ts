import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { assert, expect, onTestFinished, test, vi } from 'vitest'

import { followLines, type FollowOptions } from '../../../src/sources/files/follow-lines.ts'
import { logFilesOf } from '../../../src/sources/files/rotated-files.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-follow-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Follows until the test ends. */
function follow(path: string, options: Partial<FollowOptions> = {}): string[] {
  const seen: string[] = []
  const controller = new AbortController()
  const ended = (async () => {
    for await (const group of followLines(path, { signal: controller.signal, ...options }))
      for (const line of group.lines) seen.push(line ?? '(too long)')
  })()
  onTestFinished(async () => {
    controller.abort()
    await ended
  })
  return seen
}

const COLLECTOR = (second: number) => `logs-2026-11-21T07-30-0${second}.000.jsonl`

test('what is written is seen, half a line only when it is whole', async () => {
  const path = join(newFolder(), 'logs.jsonl')
  const seen = follow(path)
  writeFileSync(path, 'a\nb')
  await expect.poll(() => seen).toEqual(['a'])
  appendFileSync(path, 'c\nd\n')
  await expect.poll(() => seen).toEqual(['a', 'bc', 'd'])
})

test('older files come first, in the order of their age, packed or not', async () => {
  const folder = newFolder()
  const path = join(folder, 'logs.jsonl')
  writeFileSync(join(folder, COLLECTOR(2)), '2\n')
  writeFileSync(join(folder, `${COLLECTOR(1)}.gz`), gzipSync('1\n'))
  writeFileSync(join(folder, 'logs-of-others.jsonl'), 'other\n')
  writeFileSync(path, '3\n')
  const seen = follow(path)
  const alone = follow(path, { from: 'current' })
  await expect.poll(() => seen).toEqual(['1', '2', '3'])
  await expect.poll(() => alone).toEqual(['3'])
})

test.each([
  ["the Collector's names", (n: number) => COLLECTOR(n)],
  ['names with the reason', (n: number) => COLLECTOR(n).replace('.jsonl', '-size.jsonl')],
])('rotations lose nothing and repeat nothing: %s', async (_, nameOf) => {
  const folder = newFolder()
  const path = join(folder, 'logs.jsonl')
  writeFileSync(path, '')
  const seen = follow(path)
  const written: string[] = []
  for (let n = 1; n < 9; n++) {
    for (let line = 0; line < 100; line++) {
      written.push(`${n}.${line}`)
      appendFileSync(path, `${n}.${line}\n`)
    }
    renameSync(path, join(folder, nameOf(n)))
    // Sometimes it has seen the rename, sometimes several have happened.
    if (n % 3 === 0) await vi.waitFor(() => assert(seen.length === written.length), 10_000)
    writeFileSync(path, '')
  }
  await expect.poll(() => seen).toEqual(written)
})

test('numbers move up: what was .1 becomes .2', async () => {
  const folder = newFolder()
  const path = join(folder, 'all.jsonl')
  writeFileSync(path, 'a\n')
  const seen = follow(path)
  await expect.poll(() => seen).toEqual(['a'])
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'b\n')
  renameSync(`${path}.1`, `${path}.2`)
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'c\n')
  await expect.poll(() => seen).toEqual(['a', 'b', 'c'])
  expect(logFilesOf(path).map((file) => file.path)).toEqual([`${path}.2`, `${path}.1`, path])
})

test('a file that is packed or removed while it was read is not read again', async () => {
  const folder = newFolder()
  const path = join(folder, 'logs.jsonl')
  writeFileSync(path, 'a\n')
  const seen = follow(path)
  await expect.poll(() => seen).toEqual(['a'])
  renameSync(path, join(folder, COLLECTOR(1)))
  writeFileSync(join(folder, `${COLLECTOR(1)}.gz`), gzipSync('a\n'))
  rmSync(join(folder, COLLECTOR(1)))
  writeFileSync(path, 'b\n')
  await expect.poll(() => seen).toEqual(['a', 'b'])
  rmSync(path)
  writeFileSync(path, 'c\n')
  await expect.poll(() => seen).toEqual(['a', 'b', 'c'])
})

test('a file that was emptied in place is read from its beginning', async () => {
  const path = join(newFolder(), 'logs.jsonl')
  writeFileSync(path, 'a\nb\n')
  const seen = follow(path)
  await expect.poll(() => seen).toEqual(['a', 'b'])
  truncateSync(path)
  appendFileSync(path, 'c\n')
  await expect.poll(() => seen).toEqual(['a', 'b', 'c'])
})

test('from the end: only what is written from now on, a line that is half there whole', async () => {
  const path = join(newFolder(), 'logs.jsonl')
  writeFileSync(path, `${'old\n'.repeat(50_000)}half`)
  const opened = Promise.withResolvers<void>()
  const seen = follow(path, { from: 'end', onOpen: opened.resolve })
  await opened.promise
  appendFileSync(path, ' whole\nnew\n')
  await expect.poll(() => seen).toEqual(['half whole', 'new'])
})

test('from the end of a file that is not there yet: all of it, and nothing of older ones', async () => {
  const path = join(newFolder(), 'logs.jsonl')
  writeFileSync(`${path}.1`, 'old\n')
  const opened = Promise.withResolvers<void>()
  const seen = follow(path, { from: 'end', onOpen: opened.resolve })
  await opened.promise
  writeFileSync(path, 'first\n')
  await expect.poll(() => seen).toEqual(['first'])
})

test('requests that the Collector packed are followed too, from the beginning and from the end', async () => {
  const frame = (text: string): Buffer => {
    const packed = zstdCompressSync(text)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(packed.length)
    return Buffer.concat([head, packed])
  }
  const path = join(newFolder(), 'logs.jsonl')
  writeFileSync(path, Buffer.concat([frame('a'), frame('b'), frame('c').subarray(0, 6)]))
  const opened = Promise.withResolvers<void>()
  const whole = follow(path)
  const end = follow(path, { from: 'end', onOpen: opened.resolve })
  await opened.promise
  appendFileSync(path, Buffer.concat([frame('c').subarray(6), frame('d')]))
  await expect.poll(() => whole).toEqual(['a', 'b', 'c', 'd'])
  await expect.poll(() => end).toEqual(['c', 'd'])
})
