/** What a person is told who typed something else than was meant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, afterEach, describe, expect, test } from 'vitest'

import { startFakeBackend } from './fake-backend.ts'
import { logRow } from './rows.ts'
import { runCli } from './run-cli.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-hints-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Finds nothing for a query, and has records of these keys. */
async function backendWith(fields: Record<string, unknown>) {
  const empty = { logs: [], next_cursor: null, took_ms: 1 }
  return await startFakeBackend({
    logs: ({ query }) => ({ body: query['q'] ? empty : { ...empty, logs: [logRow(fields)] } }),
  })
}

describe('an empty answer', () => {
  test.each([
    ['sevice:shop', 'No record has the key "sevice": did you mean "service"?'],
    ['ordr_id:7', 'No record has the key "ordr_id": did you mean "order_id"?'],
    ['(level:warn OR -usr:7)', 'No record has the key "usr": did you mean "user"?'],
    ['nothing_like_it:7', 'None of 1 records that were looked at has the key "nothing_like_it".'],
    ['level', "quote such terms, 'level>=warn'."],
    ['service:shop status', "quote such terms, 'status>=500'."],
  ])('to %s says what may be meant', async (text, hint) => {
    await using backend = await backendWith({ user: 7, order_id: 'x' })
    const ran = await runCli(['query', ...text.split(' '), '--backend', backend.url])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('nothing found')
    expect(ran.err).toContain(hint)
  })

  test.each(['user:7', 'service:shop level>=warn', '"level"', 'word', 'path:/x'])(
    'to %s, in which nothing is wrong, says no more',
    async (text) => {
      await using backend = await backendWith({ user: 7 })
      const ran = await runCli(['query', text, '--backend', backend.url])
      expect(ran.err).toBe('tracelog query: nothing found\n')
    },
  )

  test('names the file that the shell has made', async () => {
    writeFileSync(join(folder, '=warn'), '')
    await using backend = await backendWith({})
    const ran = await runCli(['query', 'level', '--backend', backend.url], { cwd: folder })
    expect(ran.err).toContain('The shell has made the file "=warn" here for it.')
  })

  test('to the name of a file says how a file is searched', async () => {
    writeFileSync(join(folder, 'all.jsonl'), '')
    await using backend = await backendWith({})
    const ran = await runCli(['query', 'all.jsonl', '--backend', backend.url], { cwd: folder })
    expect(ran.err).toContain('tracelog query --source all.jsonl')
  })

  test('of grep says it too', async () => {
    const ran = await runCli(['grep', 'usr:7'], { in: '{"level":"info","msg":"m","user":7}' })
    expect(ran.err).toContain('did you mean "user"?')
  })
})

describe('grep with a file where the query stands', () => {
  test('does not wait for what nobody types', async () => {
    writeFileSync(join(folder, 'all.jsonl'), '')
    const ran = await runCli(['grep', 'all.jsonl'], { cwd: folder, isInTerminal: true })
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain('tracelog grep QUERY all.jsonl')
  })

  test('reads a pipe, and says so', async () => {
    writeFileSync(join(folder, 'all.jsonl'), '')
    const ran = await runCli(['grep', 'all.jsonl'], { cwd: folder, in: 'opened all.jsonl\n' })
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.err).toContain('is what is looked for, not the file of that name')
  })
})

test.each([
  [['tial'], 'Did you mean "tail"?'],
  [['stack', 'chek'], 'Did you mean "check"?'],
  [['query', '--sorce', 'loki'], 'Did you mean --source?'],
])('%j: what was probably meant', async (argv, hint) => {
  const ran = await runCli(argv)
  expect(ran.code).toBe(2)
  expect(ran.err).toContain(hint)
})
