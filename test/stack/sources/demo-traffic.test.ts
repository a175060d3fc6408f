/**
 * The demo's traffic, the same bytes to `tracelog dev` and to Collector, Loki and Tempo: every record, every request, every tree
 * reads the same from both, apart from the keys that Loki does not keep (isExactKey).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, vi } from 'vitest'

import { startBackend } from '../../../src/backend/start.ts'
import type { LogRow, RequestRow, TraceTree } from '../../../src/model/api.ts'
import { createLocalSource } from '../../../src/sources/local.ts'
import { createLokiSource } from '../../../src/sources/loki.ts'
import { foldKey } from '../../../src/sources/loki/fold-key.ts'
import { isExactKey } from '../../../src/sources/loki/known-names.ts'
import { readSpans } from '../../../src/sources/loki/tempo-client.ts'
import type { LogSource } from '../../../src/sources/log-source.ts'
import { testConfig } from '../../backend/support/backend.ts'
import { runCli } from '../../cli/run-cli.ts'
import { requireServers } from '../../support/servers/program.ts'
import { demoTraffic } from './demo-traffic.ts'
import { startStack } from './running-stack.ts'

const REQUESTS = 80
const PATIENCE = { timeout: 90_000, interval: 250 }

requireServers(
  'otelcol',
  'loki',
  'tempo',
)('the demo reads the same from Loki and Tempo as from tracelog dev', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-demo-traffic-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [stack, backend, traffic] = await Promise.all([
    startStack(),
    startBackend(testConfig(folder)),
    demoTraffic(REQUESTS),
  ])
  onTestFinished(async () => await stack.stop())
  onTestFinished(async () => await backend.stop())
  const local = createLocalSource({ api: backend.ready.api, token: backend.ready.token })
  await traffic.replay(backend.ready.otlp_http)
  await traffic.replay(stack.collector.httpUrl)

  // Record for record.
  const ofLoki = await vi.waitFor(async () => {
    const rows = await allRows(stack.source)
    expect(rows.length).toBe(traffic.logs)
    return rows
  }, PATIENCE)
  const ofLocal = await allRows(local)
  expect(ofLocal.length).toBe(traffic.logs)
  expect(ofLoki.map(comparableRow).toSorted(byText)).toEqual(ofLocal.map(comparableRow).toSorted(byText))

  // Span for span.
  const tempo = { name: 'Tempo', url: stack.tempo.url, headers: {} }
  await vi.waitFor(async () => {
    const found = await Promise.all([...traffic.traceIds].map((id) => readSpans(tempo, id)))
    // Tempo keeps every copy of a span that was sent again; a tree shows one.
    expect(new Set(found.flat().map(({ span }) => `${span.traceId}${span.spanId}`)).size).toBe(traffic.spans)
  }, PATIENCE)

  // Tree for tree.
  for (const id of traffic.traceIds) {
    expect(comparableTree((await stack.source.trace(id))!)).toEqual(comparableTree((await local.trace(id))!))
  }

  // Without Tempo the tree is made of the records: the same services and lines, every span inferred; who called whom is not known.
  const [someId] = traffic.traceIds
  const whole = (await local.trace(someId!))!
  const ofRecords = await createLokiSource({ lokiUrl: stack.loki.url, tempoUrl: undefined, headers: {} }).trace(someId!)
  expect(new Set(ofRecords!.services)).toEqual(new Set(whole.services))
  expect(ofRecords!.counts.logs).toBe(whole.counts.logs)
  expect(ofRecords!.rows.filter(({ kind, inferred }) => kind === 'span' && inferred !== true)).toEqual([])

  // Request for request, in pages.
  const requests = await allRequests(local)
  expect(requests.filter(({ services }) => services[0] === 'load-balancer').length).toBe(REQUESTS)
  expect((await allRequests(stack.source)).toSorted(byTrace)).toEqual(requests.toSorted(byTrace))

  // As a user reads it: a failed request, its lines, all errors.
  const failed = requests.find(({ outcome }) => outcome === 'error')!.trace_id
  const ofStack = { TRACELOG_SOURCE: 'loki', TRACELOG_LOKI_URL: stack.loki.url, TRACELOG_TEMPO_URL: stack.tempo.url }
  const ofBackend = { TRACELOG_BACKEND: backend.ready.api, TRACELOG_TOKEN: backend.ready.token }
  for (const argv of [
    ['trace', failed.slice(0, 12)],
    ['query', `trace:${failed}`],
    ['query', 'level>=error', '-n', '1000'],
  ]) {
    const [seen, expected] = [await runCli(argv, { env: ofStack }), await runCli(argv, { env: ofBackend })]
    expect({ code: seen.code, err: seen.err }).toEqual({ code: 0, err: '' })
    // Loki gives attributes in the order of their names.
    expect(seen.out.split(/\s+/).toSorted()).toEqual(expected.out.split(/\s+/).toSorted())
  }
})

async function allRows(source: LogSource): Promise<LogRow[]> {
  const rows: LogRow[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await source.logs({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
    rows.push(...page.logs)
    cursor = page.next_cursor
  }
  return rows
}

async function allRequests(source: LogSource): Promise<RequestRow[]> {
  const rows: RequestRow[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await source.requests({ limit: 30, ...(cursor === undefined ? {} : { cursor }) })
    rows.push(...page.requests)
    cursor = page.next_cursor
  }
  return rows
}

/** Without the source's own id; what Loki keeps as text under a folded name, as that. */
function comparableRow(row: LogRow): Record<string, unknown> {
  const lossy = Object.entries(row)
    .filter(([key, value]) => key !== '_id' && !isExact(key) && value !== '' && value !== null)
    .map(([key, value]): [string, string] => [foldKey(key), typeof value === 'string' ? value : JSON.stringify(value)])
  return { ...exactFields(row), lossy: Object.fromEntries(lossy.toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

/** `observed_ns` is no key of the flat line, but of every row. */
function isExact(key: string): boolean {
  return key === 'observed_ns' || isExactKey(key)
}

function exactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key, value]) => isExact(key) && value !== '' && value !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A look-up without a span of its own has an id that the source made up, and each source numbers its records by itself. */
function comparableTree(tree: TraceTree): TraceTree {
  const made = (id: string | undefined): string | undefined => (id?.startsWith('record ') === true ? 'record' : id)
  return {
    ...tree,
    rows: tree.rows.map(({ fields, span_id: id, log_id: _id, ...row }) => ({
      ...row,
      ...(id === undefined ? {} : { span_id: made(id)! }),
      fields: exactFields(fields ?? {}),
    })),
  }
}

function byText(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

function byTrace(a: RequestRow, b: RequestRow): number {
  return `${a.trace_id}${a.span_id}` < `${b.trace_id}${b.span_id}` ? -1 : 1
}
