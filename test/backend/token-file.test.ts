import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { keptToken } from '../../src/backend/token-file.ts'
import { startTestBackend, temporaryDirectory } from './support/backend.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('the token of a data directory', () => {
  test('is made once, for its owner alone, and stays', () => {
    const directory = temporaryDirectory()
    const token = keptToken(directory)
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(modeOf(join(directory, 'token'))).toBe(0o600)
    expect(keptToken(directory)).toBe(token)
    expect(readdirSync(directory)).toEqual(['token'])
  })

  test('that others could read is closed to them', () => {
    const directory = temporaryDirectory()
    const token = keptToken(directory)
    chmodSync(join(directory, 'token'), 0o644)
    expect(keptToken(directory)).toBe(token)
    expect(modeOf(join(directory, 'token'))).toBe(0o600)
  })

  test.each(['', 'short', 'x'.repeat(33), 'a b'.padEnd(32, '!')])('%j in its place is replaced', (text) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'token'), text)
    const token = keptToken(directory)
    expect(readFileSync(join(directory, 'token'), 'utf8')).toBe(`${token}\n`)
    expect(token).toMatch(/^[\w-]{32}$/)
  })
})

test('a backend that is started again has the same token', async () => {
  const dataDirectory = temporaryDirectory()
  const first = await startTestBackend({ dataDirectory })
  await first.stop()
  const second = await startTestBackend({ dataDirectory })
  expect(second.ready.token).toBe(first.ready.token)
})

test('a token that was given is not kept', async () => {
  const dataDirectory = temporaryDirectory()
  const { ready } = await startTestBackend({ dataDirectory, token: 'given-by-a-user' })
  expect(ready.token).toBe('given-by-a-user')
  expect(existsSync(join(dataDirectory, 'token'))).toBe(false)
})
