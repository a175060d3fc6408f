import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

import { describe, expect, test, vi } from 'vitest'

import { openDataDirectory } from '../../src/backend/data-directory.ts'
import { processStart } from '../../src/diag/process-start.ts'
import { requireThat } from '../support/require.ts'
import { temporaryDirectory } from './support/backend.ts'

const refusal = (directory: string): unknown => {
  try {
    openDataDirectory(directory).release()
    return undefined
  } catch (error) {
    return error
  }
}

describe('a data directory that cannot be used is told with a way out', () => {
  test.each([
    { what: 'a file', path: 'file' },
    { what: 'below a file', path: 'file/data' },
  ])('$what', ({ path }) => {
    const folder = temporaryDirectory()
    writeFileSync(join(folder, 'file'), '')
    const directory = join(folder, path)
    expect(refusal(directory)).toMatchObject({
      code: 'TRACELOG_CONFIG_INVALID',
      message: `the data directory is ${directory}, but must be a directory that can be written to: a file is in its place, or in its path`,
      hint: expect.stringContaining('--data DIR'),
    })
  })

  // /proc takes no folders from anybody, root included.
  requireThat(process.platform === 'linux', 'needs /proc; to get it: run on Linux')('where nothing can be made', () => {
    expect(refusal('/proc/tracelog-data')).toMatchObject({ code: 'TRACELOG_CONFIG_INVALID' })
    expect(refusal('/proc/self/tracelog')).toMatchObject({ code: 'TRACELOG_CONFIG_INVALID' })
  })
})

requireThat(process.platform === 'linux', 'needs /proc; to get it: run on Linux')(
  'the lock of a process that has ended, and whose parent has not asked, is taken over',
  async () => {
    // A shell that becomes `sleep` never asks after the child that it had before; the child lives until then.
    const command = 'cat <&3 >/dev/null & echo $!; exec sleep 60'
    const parent = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
    try {
      const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer]
      const pid = Number(String(line).trim())
      await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'latin1')).toBe('sleep\n'), 10_000)
      ;(parent.stdio[3] as Writable).end()
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(') Z '), 10_000)
      const directory = temporaryDirectory()
      writeFileSync(join(directory, 'lock'), JSON.stringify({ pid, start: processStart(pid) }))
      expect(refusal(directory)).toBeUndefined()
    } finally {
      parent.kill('SIGKILL')
    }
  },
)
