/** A child's output is handed on no faster than it is read, and whole. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { afterAll, expect, test } from 'vitest'

import { passOn } from '../../../src/cli/capture-stdio/pass-on.ts'

const folder = mkdtempSync(join(tmpdir(), 'tracelog-pass-on-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CHUNK = 16 * 1024
const CHUNKS = 100
/** What a pipe of Linux holds, and what waits on both sides of it. */
const MAX_AHEAD = 64 * 1024 + 6 * CHUNK

/** Empty: there is nothing yet. */
function readWhatIsThere(fd: number): Buffer {
  const buffer = Buffer.alloc(1024)
  try {
    return buffer.subarray(0, readSync(fd, buffer))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return buffer.subarray(0, 0)
  }
}

test('a slow reader makes the source wait', async () => {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  // Neither side waits for the other: a full pipe says so.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  let made = 0
  let taken = 0
  let ahead = 0
  const source = new Readable({
    highWaterMark: CHUNK,
    read() {
      ahead = Math.max(ahead, made * CHUNK - taken)
      this.push(made < CHUNKS ? Buffer.alloc(CHUNK, made++) : null)
    },
  })
  let seen = 0
  const passed = passOn(source, fd, (chunk) => (seen += chunk.length))
  let isOver = false
  void passed.ended.then(() => (isOver = true))
  const got: Buffer[] = []
  while (taken < CHUNKS * CHUNK) {
    await new Promise(setImmediate)
    const bytes = readWhatIsThere(fd)
    taken += bytes.length
    got.push(bytes)
  }
  await passed.ended
  closeSync(fd)
  expect(isOver).toBe(true)
  expect(seen).toBe(CHUNKS * CHUNK)
  expect(
    Buffer.concat(got).equals(Buffer.concat(Array.from({ length: CHUNKS }, (_, i) => Buffer.alloc(CHUNK, i)))),
  ).toBe(true)
  expect(ahead).toBeLessThanOrEqual(MAX_AHEAD)
})

test('a reader that is gone ends it', async () => {
  const path = join(folder, 'gone')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(path, constants.O_WRONLY)
  closeSync(reader)
  const source = Readable.from([Buffer.from('a'), Buffer.from('b')])
  await passOn(source, fd, () => {}).ended
  closeSync(fd)
  expect(source.destroyed).toBe(true)
})
