/**
 * Small applications of each framework, beside the oldest, the newest and a version in between, required and imported, on each Node: each
 * request is named by its route, a failed one tells with what, and the handler runs in its request's context, as it runs without us.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { runChild, type ChildOptions } from '../../support/child.ts'
import { libraryProgram, type LibrarySet } from '../../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../../support/nodes.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

const COMMON = ['fastify', 'koa', 'nest on express', 'nest on fastify']
const SETS: readonly { set: LibrarySet; frameworks: readonly string[] }[] = [
  { set: 'oldest', frameworks: [...COMMON, 'express', 'koa and koa-router', 'hapi'] },
  { set: 'between', frameworks: COMMON },
  { set: 'newest', frameworks: [...COMMON, 'express', 'koa and koa-router', 'hapi', 'hono'] },
]
const REQUIRED = 'routes/frameworks-required.cjs'
const PROGRAMS = [REQUIRED, 'routes/frameworks-imported.mjs']

type RunOptions = ChildOptions & { readonly engine?: string }

interface Told {
  readonly statuses: readonly number[]
  readonly seen: readonly {
    readonly id: string
    readonly when: string
    /** The request's own keys, and whether its id is the framework's. */
    readonly own?: string
    readonly ours: readonly string[]
    readonly trace?: string
    readonly depth?: number
  }[]
}

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

/** Runs a program. @returns what it printed, what it said on stderr */
async function run(program: string, set: LibrarySet, { engine, ...options }: RunOptions) {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_HTTP_ENGINE: engine }
  const { code, stdout, stderr } = await runChild(libraryProgram(program, set), {
    env,
    flushesAtEnd: true,
    ...options,
  })
  expect(code, stderr).toBe(0)
  return { told: JSON.parse(stdout) as Record<string, Told>, stderr }
}

/** hono has no seam, and Nest 12 is ES modules. */
function tellsErrors(framework: string, set: LibrarySet): boolean {
  return framework !== 'hono' && !(set === 'newest' && framework.startsWith('nest'))
}

/** What was recorded of a framework's requests since then, by path: the span's name, and of its record what is to be compared. */
function hopsOf(framework: string, from: { spans: number; logs: number }) {
  const ends = receiver.receivedLogs.slice(from.logs).map(({ record }) => record)
  return receiver.receivedSpans
    .slice(from.spans)
    .map(({ span }) => span)
    .filter(({ kind, attributes }) => kind === SPAN_KIND.server && attributes['user_agent.original'] === framework)
    .map((span) => {
      const mine = ends.filter(({ spanId, eventName }) => spanId === span.spanId && eventName.endsWith('.end'))
      const { attributes = {} } = mine[0] ?? {}
      return {
        path: span.attributes['url.path'],
        name: span.name,
        records: mine.length,
        route: attributes['http.route'],
        status: attributes['http.response.status_code'],
        error: attributes['error.type'],
        exception: attributes['exception.message'],
        isStackThere: JSON.stringify(attributes['exception.stacktrace'] ?? '').includes('frameworks.cjs'),
        events: span.events.map((event) => event.attributes['exception.message']),
      }
    })
    .toSorted((a, b) => JSON.stringify(a.path).localeCompare(JSON.stringify(b.path)))
}

function expectedHops(framework: string, set: LibrarySet) {
  const user = framework === 'hapi' ? '/api/users/{id}' : '/api/users/:id'
  const exception = tellsErrors(framework, set) ? 'the handler failed' : undefined
  const hop = (path: string, route: string | undefined, status: number) => ({
    path,
    name: route === undefined ? 'GET' : `GET ${route}`,
    records: 1,
    route,
    status,
    error: status === 500 ? '500' : undefined,
    exception: status === 500 ? exception : undefined,
    isStackThere: status === 500 && exception !== undefined,
    events: status === 500 && exception !== undefined ? [exception] : [],
  })
  return [
    hop('/api/fails', '/api/fails', 500),
    hop('/api/gone', '/api/gone', 404),
    hop('/api/users/a', user, 200),
    hop('/api/users/b', user, 200),
    hop('/none', undefined, 404),
  ]
}

/** Runs it and holds the hops of each framework against what is expected. @returns what was printed */
async function expectHops(program: string, { set, frameworks }: (typeof SETS)[number], options: RunOptions) {
  const from = { spans: receiver.receivedSpans.length, logs: receiver.receivedLogs.length }
  const { told } = await run(program, set, { args: frameworks, ...options })
  for (const framework of frameworks) {
    expect({ framework, hops: hopsOf(framework, from) }).toEqual({ framework, hops: expectedHops(framework, set) })
  }
  return told
}

describe.each(SETS)('$set', ({ set, frameworks }) => {
  const cases = NODE_VERSIONS.flatMap((version) => PROGRAMS.map((program) => ({ version, program })))
  test.each(cases)(
    'Node $version, $program',
    async ({ version, program }) => {
      const told = await expectHops(program, { set, frameworks }, { node: nodeBinary(version) })
      for (const { seen } of Object.values(told)) {
        expect(seen.map(({ id, trace, ours }) => ({ id, trace, ours }))).toEqual(
          seen.map(({ id }) => ({ id, trace: id, ours: [] })),
        )
      }
    },
    60_000,
  )

  test('stacks, requests, answers and what is printed are as they are without us', async () => {
    const bare = await run(REQUIRED, set, { args: frameworks, preload: 'none' })
    const ours = await run(REQUIRED, set, { args: frameworks })
    expect(withoutTraces(ours.told)).toEqual(withoutTraces(bare.told))
    expect(ours.stderr).toBe(bare.stderr)
  }, 60_000)
})

test('the engine otel tells the same', async () => {
  await expectHops(REQUIRED, SETS.at(-1) as (typeof SETS)[number], { engine: 'otel' })
}, 60_000)

/** In an order of their own: which of two timers is first nobody promises. */
function withoutTraces(told: Readonly<Record<string, Told>>) {
  return Object.entries(told).map(([framework, { statuses, seen }]) => ({
    framework,
    statuses,
    seen: seen
      .map(({ id, when, depth, own = '' }) => `${id} ${when} ${depth ?? ''} ${own}`)
      .toSorted((a, b) => a.localeCompare(b)),
  }))
}
