/**
 * Whatever is typed as a query costs its sender an answer, never the others their backend.
 */
import { randomBytes } from 'node:crypto'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { RunningBackend } from '../../../src/backend/backend.ts'
import { startBackend } from '../../../src/backend/start.ts'
import type { Failure, LogsPage } from '../../../src/model/api.ts'
import { rowId } from '../../../src/model/log-row.ts'
import { compileMatcher } from '../../../src/query-text/match.ts'
import { queryTexts } from '../../support/query-texts.ts'
import { testConfig } from '../support/backend.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let backend: RunningBackend
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-any-'))
  backend = await startBackend(testConfig(directory))
  await send('first')
})
afterAll(async () => {
  await backend.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function send(body: string): Promise<void> {
  const text = (key: string, stringValue: string): unknown => ({ key, value: { stringValue } })
  const record = {
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    severityText: 'warning',
    body: { stringValue: body },
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    attributes: [
      text('name', 'a*b'),
      text('http.request.method', '_OTHER'),
      text('http.request.method_original', 'PURGE'),
      text('exception.type', 'TypeError'),
      { key: 'http.response.status_code', value: { intValue: '503' } },
      { key: 'big', value: { intValue: '9223372036854775807' } },
    ],
  }
  const response = await fetch(`${backend.ready.otlp_http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [
        { resource: { attributes: [text('service.name', 'api')] }, scopeLogs: [{ logRecords: [record] }] },
      ],
    }),
  })
  expect(response.status).toBe(200)
}

async function ask(path: string, q: string, signal?: AbortSignal): Promise<Response> {
  const url = new URL(`/api/v1/${path}`, backend.ready.api)
  url.searchParams.set('q', q)
  return await fetch(url, {
    headers: { authorization: `Bearer ${backend.ready.token}` },
    ...(signal === undefined ? {} : { signal }),
  })
}

/** @returns `answered`, or `refused` with its column; the whole answer when it is neither */
async function answerOf(path: string, q: string): Promise<string> {
  const ended = new AbortController()
  const response = await ask(path, q, ended.signal)
  if (response.status !== 200) {
    const failure = (await response.json()) as Failure
    const { code, at } = failure.error
    const isRefused = response.status === 400 && code === 'query_syntax' && typeof at === 'number'
    return isRefused ? 'refused' : JSON.stringify([path, q, response.status, failure])
  }
  // The tail stays open until the next record has gone by it.
  if (path === 'tail') await send(`beside ${q.length}`)
  ended.abort()
  return 'answered'
}

test('any text is asked of lists and tails, or refused with its column; the backend lives on', async () => {
  await fc.assert(
    fc.asyncProperty(queryTexts(), async (q) => {
      const answer = await answerOf('logs', q)
      expect(answer).toBeOneOf(['answered', 'refused'])
      expect(await answerOf('requests', q)).toBe(answer)
      expect(await answerOf('tail', q)).toBe(answer)
    }),
    { numRuns: 200 },
  )
  await send('last')
  const { logs } = (await (await ask('logs', 'last')).json()) as LogsPage
  expect(logs.map(({ message }) => message)).toContain('last')
})

test.each(['service>web', 'service.version>=2', 'message>x', 'since!=15m', 'trace>4bf9'])(
  '%s in a tail is refused, and the backend lives on',
  async (q) => {
    expect(await answerOf('tail', q)).toBe('refused')
    await send('after it')
  },
)

test.each([
  'method:PURGE',
  'method:_OTHER',
  'method!=GET',
  'error_type:TypeError',
  'error_type!=RangeError',
  'attr.name:a*b',
  'name:"a*b"',
  'big>9223372036854775000',
  'status:503.0',
  'status<1e400',
  'status>-1e400',
  'since:9999-01-01T00:00:00Z',
  'until:9999-01-01T00:00:00Z',
  `since:${'9'.repeat(300)}d`,
  'body:first',
  'event:first',
  'http.request.method:PURGE',
  'absent:1 OR body:first',
  'absent:1 body:first',
  '-(absent:1 body:first)',
  '-(absent:1 OR body:first)',
  '-absent:1 level:warn',
  'level:info OR big>1 absent:1',
  '-(level:warn -absent:1)',
])('%s finds what the matcher finds', async (q) => {
  const { logs } = (await (await ask('logs', '')).json()) as LogsPage
  const found = (await (await ask('logs', q)).json()) as LogsPage
  expect(found.logs.map(rowId)).toEqual(logs.filter(compileMatcher(q)).map(rowId))
})
