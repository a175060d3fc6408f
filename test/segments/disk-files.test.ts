import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { openDiskFiles } from '../../src/segments/disk-files.ts'

const MEBIBYTE = 1024 * 1024

test('what could not be read is kept up to 64 MiB, the newest', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracelog-damaged-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const files = await openDiskFiles(directory)
  const damaged = join(directory, 'damaged')
  for (const name of ['a', 'b', 'c']) await files.setAside(name, Buffer.alloc(30 * MEBIBYTE))
  expect(readdirSync(damaged).toSorted()).toEqual(['b', 'c'])
  await files.setAside('d', Buffer.alloc(100 * MEBIBYTE))
  expect(readdirSync(damaged)).toEqual(['d'])
  expect(statSync(join(damaged, 'd')).size).toBe(64 * MEBIBYTE)
  // None of it is a segment.
  expect(await files.list()).toEqual([])
})
