import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { StdoutLines } from '../../src/export/stdout-lines.ts'

let folder: string
let reader: number
let writer: number
let written: number[]
let lost: [number, string][]
let lines: StdoutLines

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-stdout-'))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  written = []
  lost = []
  const told = {
    onWritten: ({ seq }: { seq: number }) => written.push(seq),
    onLost: ({ seq }: { seq: number }, reason: string) => lost.push([seq, reason]),
  }
  lines = new StdoutLines({ told, open: () => writer })
})
afterEach(() => {
  lines.drain(0)
  closeSync(writer)
  rmSync(folder, { recursive: true })
})

/** All that is in the pipe. */
function readAll(): string {
  const chunk = Buffer.alloc(2 ** 20)
  let text = ''
  for (;;) {
    try {
      const length = readSync(reader, chunk)
      if (length === 0) return text
      text += chunk.toString('utf8', 0, length)
    } catch {
      return text
    }
  }
}

function write(from: number, to: number): void {
  for (let seq = from; seq < to; seq++) lines.write({ signal: 'logs', seq }, `${seq} ${'x'.repeat(10_000)}\n`)
}

test('a line that the reader has room for is written at once', () => {
  lines.write({ signal: 'logs', seq: 1 }, 'hello\n')
  expect(readAll()).toBe('hello\n')
  expect(written).toEqual([1])
  closeSync(reader)
})

test('what a full pipe does not take is kept, and written whole when the reader reads', async () => {
  write(0, 30)
  expect(written.length).toBeLessThan(10)
  expect(lines.count('logs')).toBe(30 - written.length)
  expect(lines.count('spans')).toBe(0)
  let text = ''
  await expect
    .poll(() => {
      text += readAll()
      return text.split('\n').length
    })
    .toBe(31)
  expect(text.split('\n').slice(0, -1)).toEqual(Array.from({ length: 30 }, (_, seq) => `${seq} ${'x'.repeat(10_000)}`))
  expect(lost).toEqual([])
  closeSync(reader)
})

test('of a reader that does not read a bounded number is kept, and the rest told as lost', () => {
  write(0, 200)
  expect(written.length + lines.count('logs') + lost.length).toBe(200)
  expect(lost[0]?.[1]).toBe('queue_full')
  lines.drain(30)
  expect(lines.count('logs')).toBe(0)
  expect(written.length + lost.length).toBe(200)
  expect(lost.at(-1)?.[1]).toBe('process_end')
  closeSync(reader)
})

test('a reader that is gone takes nothing, and that is told', () => {
  closeSync(reader)
  write(0, 3)
  expect(lost.map(([, reason]) => reason)).toEqual(['no_destination', 'no_destination', 'no_destination'])
})
