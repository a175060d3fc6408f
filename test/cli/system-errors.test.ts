/** What the operating system refuses is said in words, with a way out, and ends with a code that scripts see. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { systemErrorText } from '../../src/cli/system-error.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

function systemError(code: string, syscall: string, path?: string): Error {
  const message = `${code}: something is wrong, ${syscall}${path === undefined ? '' : ` '${path}'`}`
  return Object.assign(new Error(message), { code, syscall, errno: -1, ...(path === undefined ? {} : { path }) })
}

describe('an error of the system', () => {
  test.each(['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'EADDRINUSE'])(
    '%s is told with what to do',
    (code) => {
      expect(systemErrorText(systemError(code, 'open', '/a/b'))).toEqual({
        message: '/a/b: something is wrong',
        hint: expect.stringMatching(/^[A-Z].*\.$/) as string,
      })
    },
  )

  test('without a path names what was tried', () => {
    expect(systemErrorText(systemError('ENOSPC', 'write'))?.message).toBe('something is wrong (write)')
  })

  test.each([new Error('x'), Object.assign(new Error('x'), { code: 'TRACELOG_USAGE' })])('%s is none', (error) => {
    expect(systemErrorText(error)).toBeUndefined()
  })
})

describe('output that cannot be written', () => {
  test.each([['--help'], ['grep', '', CLI], ['query', '--help']])('of %j ends with 1 and a line', (...argv) => {
    const full = openSync('/dev/full', 'w')
    const ran = spawnSync(process.execPath, [CLI, ...argv], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' })
    closeSync(full)
    expect(ran.status).toBe(1)
    expect(ran.stderr).toMatch(/^tracelog: the output cannot be written: ENOSPC/)
    expect(ran.stderr.trim().split('\n')).toHaveLength(1)
  })
})

test('a working directory that was removed is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-gone-'))
  const script = `process.chdir(${JSON.stringify(folder)}); require('node:fs').rmdirSync(${JSON.stringify(folder)})
    process.argv.splice(1, process.argv.length, ${JSON.stringify(CLI)}, ${JSON.stringify(CLI)}, 'grep', 'x', 'y')
    process.argv.splice(1, 1); import(${JSON.stringify(CLI)})`
  const ran = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  expect(ran.stderr).toContain('the working directory is gone')
  expect(ran.status).toBe(2)
  expect(() => rmdirSync(folder)).toThrow('ENOENT')
})
