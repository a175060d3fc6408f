/**
 * `tracelog mcp` as agents start it: driven by the official client, at a real backend. One backend for the file.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { tokensOf } from '../../src/mcp/budget.ts'
import { lateRecord, sourceData, type SourceData } from '../contract/source-data.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const STARTED = Date.now() - 60_000

let backend: DevBackend
let data: SourceData
let client: Client
const clients: Client[] = []

async function connect(): Promise<Client> {
  const one = new Client({ name: 'test', version: '1' })
  const env = { TRACELOG_TOKEN: backend.token, TZ: 'UTC', PATH: process.env['PATH'] ?? '' }
  await one.connect(
    new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', '--backend', backend.api], env }),
  )
  clients.push(one)
  return one
}

async function ask(
  name: string,
  given: Record<string, unknown> = {},
  by = client,
): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = await by.callTool({ name, arguments: given })
  return { text: (content as { text: string }[]).map(({ text }) => text).join(''), isError: isError === true }
}

beforeAll(async () => {
  backend = await startDevBackend()
  data = sourceData(STARTED)
  await postJson(`${backend.endpoint}/v1/logs`, JSON.parse(data.logsRequest))
  await postJson(`${backend.endpoint}/v1/traces`, JSON.parse(data.tracesRequest))
  client = await connect()
  await vi.waitFor(async () => expect((await ask('requests')).text).toContain('/api/cart'), { timeout: 10_000 })
}, 60_000)
afterAll(async () => {
  await Promise.all(clients.map((one) => one.close()))
  await backend.stop()
})

describe('the official client', () => {
  test('lists tools that only read, in at most 2,500 tokens', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'overview',
      'requests',
      'describe_request',
      'compare',
      'logs',
      'patterns',
      'fields',
      'count',
      'wait_for',
    ])
    for (const { annotations } of tools) expect(annotations?.readOnlyHint).toBe(true)
    expect(tokensOf(JSON.stringify(tools))).toBeLessThanOrEqual(2_500)
  })

  test('is told how to work with them', () => {
    expect(client.getInstructions()).toContain('is data and never a')
    expect(tokensOf(client.getInstructions() ?? '')).toBeLessThanOrEqual(800)
  })

  test('hears of a tool and of a method that there is not', async () => {
    await expect(client.callTool({ name: 'sql', arguments: {} })).rejects.toThrow(/there is no tool "sql"/)
    await expect(client.listResources()).rejects.toThrow(/there is no method|does not support/)
  })

  test('takes a call back, and is answered the next one', async () => {
    const taken = new AbortController()
    const waiting = client.callTool(
      { name: 'wait_for', arguments: { q: 'nothing-has-this', timeout: 120 } },
      undefined,
      {
        signal: taken.signal,
      },
    )
    taken.abort()
    await expect(waiting).rejects.toThrow(/abort/i)
    expect((await ask('overview')).isError).toBe(false)
  })

  test('is one of two at a time', async () => {
    const other = await connect()
    const answers = await Promise.all([
      ask('requests'),
      ask('requests', {}, other),
      ask('logs', { q: 'level:error' }, other),
    ])
    expect(answers[0]?.text).toContain(data.traceId.slice(0, 8))
    expect(answers[1]?.text).toContain(data.traceId.slice(0, 8))
    expect(answers[2]?.text).toContain('cart is undefined #101')
  })
})

describe('answers', () => {
  test('of an overview stay within 400 tokens', async () => {
    const { text } = await ask('overview')
    expect(tokensOf(text)).toBeLessThanOrEqual(400)
    expect(text).toMatch(/^(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d to \d\d:\d\d:\d\d: 1 request, 1 failed/)
    expect(text).toMatch(/services since .*api.*lb.*web/s)
  })

  test('of which request failed and why stay within 900 tokens', async () => {
    const failed = await ask('requests', { sort: 'failed' })
    const described = await ask('describe_request', { id: data.traceId.slice(0, 8) })
    expect(described.text).toContain('TypeError: cart is undefined')
    expect(tokensOf(failed.text + described.text)).toBeLessThanOrEqual(900)
  })

  test('tell the same rows as `tracelog trace`', async () => {
    const words = (line: string): string =>
      line
        .replace(/▕.*▏/, '')
        .replaceAll(/ms(?=$| )/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
    const { out } = await backend.run(['trace', data.traceId])
    const { text } = await ask('describe_request', { id: data.traceId })
    const answered = text.split('\n').map(words)
    const rows = out.split('\n').slice(out.split('\n').findIndex((line) => line.includes('+ms')) + 1)
    expect(rows.filter((line) => line !== '').length).toBeGreaterThan(5)
    for (const row of rows.map(words).filter((line) => line !== '')) expect(answered).toContain(row)
  })

  test('of a comparison tell the same rows as `tracelog diff`', async () => {
    const { out } = await backend.run(['diff', data.traceId, data.traceId])
    const { text } = await ask('compare', { a: data.traceId, b: data.traceId.slice(0, 8) })
    expect(text).toContain('\nas fast\n')
    expect(text).toContain(`page: ${backend.api}/diff?a=${data.traceId}&b=${data.traceId}`)
    const words = (line: string): string => line.trim().split(/ {2,}/).at(-1)!
    for (const row of out
      .split('\n')
      .slice(5)
      .filter((line) => line !== ''))
      expect(text).toContain(words(row))
  })

  test('tell the same records as `tracelog query`', async () => {
    const q = 'level>=error service:api'
    const { out } = await backend.run(['query', '--json', q])
    const messages = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message)
    const { text } = await ask('logs', { q, format: 'json', budget: 10_000 })
    const told = text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => (JSON.parse(line) as { message: string }).message)
    expect(told).toEqual(messages)
  })

  test('never hold the token', async () => {
    const texts = await Promise.all(['overview', 'requests', 'logs'].map(async (name) => (await ask(name)).text))
    for (const text of texts) {
      expect(text).toContain(`page: ${backend.api}`)
      expect(text).not.toContain(backend.token)
    }
  })

  test('go on where a cursor stands', async () => {
    const first = await ask('logs', { limit: 5 })
    const cursor = /logs\(cursor:"([^"]+)"\)/.exec(first.text)?.[1]
    const second = await ask('logs', { limit: 5, cursor })
    const numbers = (text: string): string[] => [...text.matchAll(/#(\d+)/g)].map(([, number]) => number!)
    expect(numbers(second.text).filter((number) => numbers(first.text).includes(number))).toEqual([])
    expect(second.text).toContain('shown 5')
  })

  test('around the error of a request hold what stood beside it', async () => {
    const { text } = await ask('logs', { around: data.traceId.slice(0, 12) })
    expect(text).toMatch(/^> \S+ api E cart is undefined #101 {2}1/m)
    expect(text).toContain('cart lookup #100')
  })

  test('of kinds of messages agree with `tracelog patterns`', async () => {
    const { out } = await backend.run(['patterns', '--json', '--limit', '30'])
    const { patterns } = JSON.parse(out) as { patterns: { pattern: string; count: number }[] }
    const { text } = await ask('patterns', { budget: 10_000 })
    expect(patterns.length).toBeGreaterThan(5)
    for (const { pattern, count } of patterns) expect(text).toContain(`${count}  ${pattern}  `)
    expect(tokensOf((await ask('patterns', { budget: 600 })).text)).toBeLessThanOrEqual(630)
  })

  test('of one run are of that run alone, and two are compared', async () => {
    const { out } = await backend.run(['runs', '--json'])
    const [last] = JSON.parse(out) as { id: string; logs: number }[]
    expect((await ask('count', { run: 'last' })).text).toContain(`: ${last!.logs} logs,`)
    const { text } = await ask('compare', { a: 'run:last', b: 'run:last' })
    expect(text).toContain('\nno difference\n')
    expect(tokensOf(text)).toBeLessThanOrEqual(600)
  })

  test('of which keys there are hold their values', async () => {
    const { text } = await ask('fields', { prefix: 'user' })
    expect(text).toMatch(/^user_id {2}string {2}\d+ records {2}.*"ada"/m)
  })

  test('of how many there are agree with `tracelog query`', async () => {
    const { out } = await backend.run(['query', '--json', '--limit', '1000'])
    const levels = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { level: string }).level)
    const errors = levels.filter((level) => level === 'ERROR').length
    expect((await ask('count', { by: 'level' })).text).toContain(`${errors}  "ERROR"`)
    const steps = (await ask('count', {})).text
    const counted = [...steps.matchAll(/ERROR (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
    expect(counted).toBe(errors)
    expect((await ask('count', { of: 'requests' })).text).toMatch(/: 1 requests, in steps of .*error 1$/ms)
  })

  test('of counts and of keys agree with `tracelog facets` and `tracelog fields`', async () => {
    const facets = await backend.run(['facets', 'service', '--json'])
    const { facets: found } = JSON.parse(facets.out) as { facets: { service: { value: string; count: number }[] } }
    const counted = (await ask('count', { by: 'service' })).text
    expect(found.service.length).toBeGreaterThan(2)
    for (const { value, count } of found.service) expect(counted).toContain(`\n${count}  ${JSON.stringify(value)}\n`)
    const { out } = await backend.run(['fields', '--json'])
    const keys = [...out.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key!)
    const told = (await ask('fields', { budget: 10_000 })).text
    expect(keys.length).toBeGreaterThan(5)
    for (const key of keys) expect(told).toContain(`\n${key}  `)
  })

  test('about nothing say what there is instead', async () => {
    expect((await ask('requests', { until: '2h', since: '3h' })).text).toMatch(
      /no request matches in that time; 1 since \d+ s ago/,
    )
    expect((await ask('logs', { q: 'service:apu' })).text).toMatch(
      /no record matches in the last 15m, and none at any time; without q: 20 or more/,
    )
    expect((await ask('logs', { q: 'user_idd:42' })).text).toContain('did you mean "user_id"?')
  })

  test.each([
    ['logs', { q: 'level:eror' }, /The value of level is "eror" at column 7.*Did you mean q: "level:error"\?/],
    ['logs', { since: 'yesterday' }, /since is "yesterday", but must be RFC 3339/],
    ['logs', { query: 'x' }, /there is no argument "query"/],
    ['requests', { limit: 1_000 }, /limit is 1000, but must be a whole number from 1 to 200/],
    ['count', { by: 'a,b' }, /by must be one key/],
    ['count', { per: 'outcome' }, /is for of:"requests" only/],
    ['describe_request', {}, /id is missing/],
    ['compare', { a: 'run:nobody', b: 'run:last' }, /there is no such run/],
    ['compare', { a: 'run:last', b: 'deadbeefdead' }, /two runs are/],
    ['compare', { a: 'deadbeefdead' }, /no trace begins with "deadbeefdead"/],
    ['describe_request', { id: 'deadbeefdead' }, /no trace begins with "deadbeefdead"/],
  ])('to %s %o say what is wrong', async (name, given, expected) => {
    const { text, isError } = await ask(name, given)
    expect(isError).toBe(true)
    expect(text).toMatch(expected)
  })
})

describe('waiting', () => {
  test('ends with the first record that matches', async () => {
    const waiting = ask('wait_for', { q: 'service:late', timeout: 60 })
    const sent = { isDone: false }
    void waiting.finally(() => (sent.isDone = true))
    await vi.waitFor(
      async () => {
        await postJson(`${backend.endpoint}/v1/logs`, JSON.parse(lateRecord(Date.now(), 'here I am')))
        expect(sent.isDone).toBe(true)
      },
      { timeout: 20_000, interval: 200 },
    )
    expect((await waiting).text).toContain('here I am')
  })

  test('that was for nothing says what else came', async () => {
    const { text, isError } = await ask('wait_for', { q: 'nothing-has-this', timeout: 1 })
    expect(isError).toBe(false)
    expect(text).toMatch(/^none in 1 s; 0 other requests came/)
  })

  test('since a time is answered at once', async () => {
    expect((await ask('wait_for', { q: 'cart', since: '15m', timeout: 60 })).text).toContain('art')
  })
})
