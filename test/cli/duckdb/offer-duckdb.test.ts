/**
 * Who is asked, and what counts as yes.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Flags } from '../../../src/cli/command.ts'
import { offerDuckdb } from '../../../src/cli/duckdb/offer-duckdb.ts'
import type { Io, Output } from '../../../src/cli/io.ts'
import { TracelogError } from '../../../src/diag/errors.ts'
import { createFakeNpm } from './fake-npm.ts'

const MISSING = new TracelogError('missing', { code: 'TRACELOG_DUCKDB_MISSING', hint: 'Run: npm i' })
let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'tracelog-offer-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

interface Offered {
  readonly error: unknown
  readonly told: string
  readonly isFetched: boolean
}

/** @param answer  what is typed; undefined: there is no terminal */
async function offer(answer: string | undefined, isYes: boolean): Promise<Offered> {
  let told = ''
  const isTerminal = answer !== undefined
  const err: Output = {
    write: (text) => (told += text),
    writeBytes: () => {},
    drained: () => Promise.resolve(),
    isTerminal,
    colourDepth: 1,
    columns: isTerminal ? 80 : undefined,
  }
  const input = new PassThrough()
  input.end(answer)
  const npm = createFakeNpm(join(root, 'npm'), 'links')
  const io: Io = {
    in: input,
    isInTerminal: isTerminal,
    out: err,
    err,
    env: { ...process.env, npm_execpath: npm.path },
    cwd: root,
  }
  const flags = { isSet: (name: string) => name === 'yes' && isYes } as Flags
  const folder = join(root, 'cache', 'duckdb')
  const what = { version: '1.2.3', folder, signal: new AbortController().signal }
  const error = await offerDuckdb({ flags, io }, MISSING, what).catch((thrown: unknown) => thrown)
  return { error, told, isFetched: existsSync(folder) }
}

test.each(['\n', 'y\n', 'YES\n', ' yes \n'])('%j at a terminal is yes', async (answer) => {
  const { error, told, isFetched } = await offer(answer, false)
  expect([error, isFetched]).toEqual([undefined, true])
  expect(told).toMatch(
    /once for all projects\? \[Y\/n\] .*fetching @duckdb\/node-api 1\.2\.3 into .* 0 s\n.*fetched in \d/s,
  )
})

test.each(['n\n', 'no\n', 'later\n', ''])('%j at a terminal is no', async (answer) => {
  expect(await offer(answer, false)).toMatchObject({ error: MISSING, isFetched: false })
})

test('without a terminal nothing is asked, and nothing fetched', async () => {
  expect(await offer(undefined, false)).toEqual({ error: MISSING, told: '', isFetched: false })
})

test('--yes fetches without a question, and says what it does', async () => {
  const { error, told, isFetched } = await offer(undefined, true)
  expect([error, isFetched]).toEqual([undefined, true])
  expect(told).toMatch(
    /^tracelog dev: fetching .* \(71 MB, once for all projects\)\ntracelog dev: fetched in [\d.]+ s\n$/,
  )
})
