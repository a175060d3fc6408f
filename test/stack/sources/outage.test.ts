/**
 * A Loki with tenants, with more records than it sends at once, and one that goes away and comes back.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import type { LogRecord } from '../../../src/model/log-record.ts'
import { logsToJson } from '../../../src/model/otlp-json.ts'
import { createLokiSource } from '../../../src/sources/loki.ts'
import type { LogSource } from '../../../src/sources/log-source.ts'
import { runCli } from '../../cli/run-cli.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { requireServers } from '../../support/servers/program.ts'

const MANY = 12_000
const PATIENCE = { timeout: 60_000, interval: 200 }
const AUTH = { LOKI_AUTH: 'true' }

requireServers('loki')('tenants, many records, an outage', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-outage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let loki = await startLoki(folder, AUTH)
  onTestFinished(async () => await loki.kill())
  const shop = sourceOf(loki, 'shop')

  // Who names no tenant is refused, and told what to set; another tenant sees nothing.
  const { code, err } = await runCli(['query', '--source', 'loki', '--loki', loki.url])
  expect({ code, err }).toEqual({
    code: 3,
    err: expect.stringMatching(/refused the request: status 401, no org id\n.*TRACELOG_SOURCE_TENANT/) as string,
  })
  const start = Date.now() - 60_000
  await push(
    loki,
    'shop',
    Array.from({ length: MANY }, (_, i) => record(start + Math.floor(i / 100), `many ${i}`)),
  )
  expect((await sourceOf(loki, 'other').logs({})).logs).toEqual([])

  // In pages, none is missing and none is there twice; 100 have one time.
  for (const order of ['asc', 'desc'] as const) {
    const seen = await allMessages(shop, 'many', order)
    expect(seen.length).toBe(MANY)
    expect(new Set(seen).size).toBe(MANY)
  }
  // Filters that Loki cannot do, over all of it.
  expect((await allMessages(shop, '"many 11999" OR n:7', 'desc')).toSorted()).toEqual(['many 11999', 'many 7'])

  // A tail goes on where it was.
  const ended = new AbortController()
  onTestFinished(() => ended.abort())
  const opened = Promise.withResolvers<void>()
  const shown: string[] = []
  const tail = (async () => {
    for await (const event of shop.tail('tailed', { signal: ended.signal, onOpen: opened.resolve })) {
      if (event.kind === 'log') shown.push(event.row.message)
    }
  })()
  await opened.promise
  await push(loki, 'shop', [record(Date.now(), 'tailed before')])
  await expect.poll(() => shown, PATIENCE).toEqual(['tailed before'])
  await loki.stop()
  await expect(shop.logs({})).rejects.toMatchObject({
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    message: `Loki at ${loki.url} does not answer: ECONNREFUSED`,
  })
  loki = await startLoki(folder, loki.env)
  await push(loki, 'shop', [record(Date.now(), 'tailed after')])
  await expect.poll(() => shown, PATIENCE).toEqual(['tailed before', 'tailed after'])
  ended.abort()
  await tail
  expect(shown).toEqual(['tailed before', 'tailed after'])
})

function sourceOf({ url }: Loki, tenant: string): LogSource {
  return createLokiSource({ lokiUrl: url, tempoUrl: undefined, headers: { 'x-scope-orgid': tenant } })
}

function record(atMillis: number, body: string): LogRecord {
  const time = BigInt(atMillis) * 1_000_000n
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'info',
    eventName: '',
    body,
    attributes: { n: body.split(' ')[1]! },
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}

async function push({ otlpUrl }: Loki, tenant: string, records: readonly LogRecord[]): Promise<void> {
  const resource = { attributes: { 'service.name': 'shop' } }
  for (let i = 0; i < records.length; i += 4_000) {
    const scopes = [{ scope: { name: '', version: '' }, records: records.slice(i, i + 4_000) }]
    const response = await fetch(`${otlpUrl}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-scope-orgid': tenant },
      body: JSON.stringify(logsToJson([{ resource, scopes }])),
    })
    expect(response.status).toBeLessThan(300)
  }
}

async function allMessages(source: LogSource, text: string, order: 'asc' | 'desc'): Promise<string[]> {
  const messages: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await source.logs({ text, order, limit: 1_777, ...(cursor === undefined ? {} : { cursor }) })
    messages.push(...page.logs.map(({ message }) => message))
    cursor = page.next_cursor
  }
  return messages
}
