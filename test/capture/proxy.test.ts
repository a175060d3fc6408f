/**
 * Fronts before an upstream: which of them is a load balancer? Those that pipe both ways, the packages that forward in another way, and who
 * passes on what has the request's own path. Not: downloads, uploads, handlers that ask for the same and answer themselves.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const BALANCERS = [
  'http-proxy',
  'http-proxy-middleware',
  'httpxy',
  '@fastify/http-proxy',
  '@fastify/http-proxy over node:http',
  '@fastify/http-proxy to another path',
  'express-http-proxy',
  'express-http-proxy to another path',
  'by hand, piped back',
  'by fetch, head passed on',
  'by fetch, head written',
  'by fetch, body piped',
]
const OTHERS = [
  'a download',
  'a download by fetch',
  'a download below a mount',
  'a handler that asks for the same',
  'a download after a look at the user',
  'an upload',
]
const MIRROR = 'a download that mirrors the path'
const DEAD = ['dead @fastify/http-proxy', 'dead express-http-proxy']
const PROGRAMS = ['proxies/required.cjs', 'proxies/imported.mjs']

interface Told {
  readonly upstream: string
  readonly answers: readonly { kind: string; method: string; trace: string; status: number }[]
}

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

/** @returns what was answered, with the completion records of each request's trace, the front's last */
async function run(kinds: readonly string[], options: ChildOptions & { readonly program?: string } = {}) {
  const from = receiver.receivedLogs.length
  const { program = 'proxies/imported.mjs', env = {}, ...others } = options
  const { code, stdout, stderr } = await runChild(libraryProgram(program, 'newest'), {
    args: kinds,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    nodeArgs: ['--no-deprecation'],
    ...others,
  })
  expect(code, stderr).toBe(0)
  const told = JSON.parse(stdout) as Told
  const ends = receiver.receivedLogs
    .slice(from)
    .map(({ record }) => record)
    .filter(({ eventName }) => eventName.endsWith('.end'))
  return {
    upstream: told.upstream,
    answers: told.answers.map(({ trace, ...answer }) => ({
      ...answer,
      ends: ends.filter(({ traceId }) => traceId === trace),
    })),
  }
}

function expectBalanced({ upstream, answers }: Awaited<ReturnType<typeof run>>, status = 200): void {
  for (const { kind, method, status: answered, ends } of answers) {
    const [balanced, ...others] = ends.filter(({ eventName }) => eventName === 'tracelog.lb.end')
    const routing = balanced?.attributes['tracelog.lb.routing_ms']
    expect({
      kind,
      method,
      answered,
      others: others.length,
      upstream: balanced?.attributes['tracelog.upstream'],
      recorded: balanced?.attributes['http.response.status_code'],
      isRouted: typeof routing === 'number' && routing >= 0,
    }).toEqual({ kind, method, answered: status, others: 0, upstream, recorded: status, isRouted: true })
  }
}

describe('is a load balancer, by GET and by POST', () => {
  const cases = NODE_VERSIONS.flatMap((version) => PROGRAMS.map((program) => ({ version, program })))
  test.each(cases)(
    'Node $version, $program',
    async ({ version, program }) => {
      const told = await run(BALANCERS, { node: nodeBinary(version), program })
      expect(told.answers).toHaveLength(2 * BALANCERS.length)
      expectBalanced(told)
    },
    60_000,
  )

  test('also where its upstream is dead', async () => {
    const { answers } = await run(DEAD)
    for (const { kind, ends, status } of answers) {
      expect({ kind, status, ends: ends.map(({ eventName }) => eventName) }).toEqual({
        kind,
        status: expect.any(Number),
        ends: ['tracelog.lb.end'],
      })
      expect(ends[0]?.attributes).toMatchObject({ 'tracelog.upstream': '127.0.0.1:1', 'error.type': String(status) })
    }
  })
})

describe('is none', () => {
  test('whoever answers with something else, or has asked for something else', async () => {
    const { answers } = await run(OTHERS)
    expect(answers).toHaveLength(2 * OTHERS.length)
    for (const { kind, method, ends } of answers) {
      expect({ kind, method, events: [...new Set(ends.map(({ eventName }) => eventName))] }).toEqual({
        kind,
        method,
        events: ['tracelog.http.server.end'],
      })
    }
  })

  test('a download that mirrors the path on purpose and says with TRACELOG_COMPONENT what it is', async () => {
    expectBalanced(await run([MIRROR]))
    const { answers } = await run([MIRROR], { env: { TRACELOG_COMPONENT: 'http_server' } })
    expect(answers.flatMap(({ ends }) => ends.map(({ eventName }) => eventName))).toEqual(
      Array.from({ length: 4 }, () => 'tracelog.http.server.end'),
    )
  })

  test('a package that forwards, when it is switched off', async () => {
    const kinds = ['@fastify/http-proxy to another path', 'express-http-proxy to another path']
    const { answers } = await run(kinds, {
      env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: '@fastify/reply-from,express-http-proxy' },
    })
    expect(answers.flatMap(({ ends }) => ends.map(({ eventName }) => eventName))).not.toContain('tracelog.lb.end')
  })
})
