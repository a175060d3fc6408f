import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createRotatingFile, type FileConfig } from '../../../src/export/transports/rotating-file.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function config(options: Partial<FileConfig> = {}): FileConfig {
  return { path: join(folder, 'all.jsonl'), format: 'flat', line: 'full', maxBytes: 1_000_000, maxFiles: 3, ...options }
}

function linesIn(name = 'all.jsonl'): string[] {
  return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
}

test('lines are appended whole', () => {
  const file = createRotatingFile(config())
  expect(file.write(['one', 'two'])).toEqual({ lost: 0, reason: '' })
  file.write(['three'])
  file.stop()
  expect(linesIn()).toEqual(['one', 'two', 'three'])
})

test('a missing folder is made', () => {
  const file = createRotatingFile(config({ path: join(folder, 'logs/deep/all.jsonl') }))
  expect(file.write(['one']).lost).toBe(0)
  file.stop()
})

test('the file is renamed away before it grows too large, and the oldest one removed', () => {
  const file = createRotatingFile(config({ maxBytes: 1024 }))
  for (let i = 0; i < 50; i++) file.write([`${i} `.padEnd(100, '.')])
  file.stop()
  expect(readdirSync(folder).toSorted()).toEqual(['all.jsonl', 'all.jsonl.1', 'all.jsonl.2'])
  const kept = [...linesIn('all.jsonl.2'), ...linesIn('all.jsonl.1'), ...linesIn()].map((line) =>
    Number.parseInt(line, 10),
  )
  expect(kept.at(-1)).toBe(49)
  expect(kept).toEqual(kept.map((_, i) => (kept[0] ?? 0) + i))
})

test.each(['renamed', 'removed'])('a file that someone else has %s is opened anew', (what) => {
  const file = createRotatingFile(config())
  file.write(['before'])
  if (what === 'renamed') renameSync(join(folder, 'all.jsonl'), join(folder, 'elsewhere'))
  else rmSync(join(folder, 'all.jsonl'))
  file.write(['after'])
  file.stop()
  expect(linesIn()).toEqual(['after'])
})

test('two writers of one file rotate it once and lose no line', () => {
  const writers = [
    createRotatingFile(config({ maxBytes: 2000, maxFiles: 100 })),
    createRotatingFile(config({ maxBytes: 2000, maxFiles: 100 })),
  ]
  for (let i = 0; i < 200; i++) writers[i % 2]?.write([`${i} `.padEnd(100, '.')])
  for (const writer of writers) writer.stop()
  const all = readdirSync(folder).flatMap((name) => linesIn(name).map((line) => Number.parseInt(line, 10)))
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i))
})

test('a full disk is counted, and never thrown', () => {
  const file = createRotatingFile(config({ path: '/dev/full' }))
  expect(file.write(['one', 'two'])).toEqual({ lost: 2, reason: 'ENOSPC' })
  file.stop()
})

describe('what is no file never blocks, and is counted:', () => {
  function lose(path: string): { lost: number; reason: string } {
    const file = createRotatingFile(config({ path }))
    try {
      return file.write(['one', 'two'])
    } finally {
      file.stop()
    }
  }
  function pipe(): string {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    return path
  }

  test('a named pipe without a reader', () => {
    expect(lose(pipe())).toEqual({ lost: 2, reason: 'ENXIO' })
  })

  test('a named pipe whose reader does not read', () => {
    const path = pipe()
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const file = createRotatingFile(config({ path }))
    const results = Array.from({ length: 40 }, () => file.write(['x'.repeat(10_000)]))
    file.stop()
    closeSync(reader)
    expect(results.at(0)).toEqual({ lost: 0, reason: '' })
    expect(results.at(-1)).toEqual({ lost: 1, reason: 'EAGAIN' })
  })

  test('a directory', () => {
    expect(lose(folder)).toEqual({ lost: 2, reason: 'EISDIR' })
  })

  test('a path below a file', () => {
    const path = join(folder, 'file')
    createRotatingFile(config({ path })).write(['one'])
    expect(lose(join(path, 'all.jsonl'))).toEqual({ lost: 2, reason: 'ENOTDIR' })
  })

  test('a device that takes everything', () => {
    expect(lose('/dev/null')).toEqual({ lost: 0, reason: '' })
  })
})
