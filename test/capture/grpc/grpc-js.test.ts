/** Calls between a client and a server of @grpc/grpc-js: what an application sees, and what is left of them. */
import { createRequire } from 'node:module'

import { expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../../support/child.ts'
import { libraryProgram, type LibrarySet } from '../../support/libraries.ts'
import { nodeBinary } from '../../support/nodes.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { createGrpcHook } from '../../../src/capture/grpc/grpc-js.ts'
import { createHopInstrumentations, hopOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { drawnTraces } from '../../support/drawn-traces.ts'
import { faultsOfPaths } from '../../support/task-tree.ts'

const CALLS = 'say metadata sum count echo notFound internal deadline cancel retry unknown telemetry'.split(' ')
/** What a handler throws, 1.8 does not catch. */
const callsOf = (set: LibrarySet) => (set === 'newest' ? [...CALLS, 'broken'] : CALLS)

const TRACES: Readonly<Record<string, string>> = {
  '/slower': `
client GET
  server GET
    - callback Say
    client test.Greeter/Say 0
      server test.Greeter/Say 0
        - handler slower
        - handler timer slower`,
  '/faster': `
client GET
  server GET
    - callback Say
    client test.Greeter/Say 0
      server test.Greeter/Say 0
        - handler faster
        - handler timer faster`,
  '/say': `
client GET
  server GET
    - callback Say
    client test.Greeter/Say 0
      server test.Greeter/Say 0
        - handler first
        - handler timer first`,
  '/metadata': `
client GET
  server GET
    - callback Say
    client test.Greeter/Say 0
      server test.Greeter/Say 0
        - handler metadata
        - handler timer metadata`,
  '/sum': `
client GET
  server GET
    client test.Greeter/Sum 0
      server test.Greeter/Sum 0
        - handler sum`,
  '/count': `
client GET
  server GET
    - counted
    client test.Greeter/Count 0
      server test.Greeter/Count 0
        - handler count`,
  '/echo': `
client GET
  server GET
    - echoed
    client test.Greeter/Echo 0
      server test.Greeter/Echo 0
        - handler echo`,
  '/notFound': `
client GET
  server GET
    - callback Fail
    client test.Greeter/Fail 5 ERROR
      server test.Greeter/Fail 5`,
  '/internal': `
client GET
  server GET
    - callback Fail
    client test.Greeter/Fail 13 ERROR
      server test.Greeter/Fail 13 ERROR`,
  '/cancel': `
client GET
  server GET
    client test.Greeter/Slow 1 ERROR
      server test.Greeter/Slow 1 aborted
        - handler cancelled cancel`,
  '/retry': `
client GET
  server GET
    - callback Flaky
    client test.Greeter/Flaky 0
      server test.Greeter/Flaky 14 ERROR
      server test.Greeter/Flaky 14 ERROR
      server test.Greeter/Flaky 0`,
  '/unknown': `
client GET
  server GET
    client test.Greeter/Nobody 12 ERROR
      server test.Greeter/Nobody 12 ERROR`,
  // Who sends telemetry is no hop; who receives it is.
  '/telemetry': `
client GET
  server GET`,
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': `
server opentelemetry.proto.collector.logs.v1.LogsService/Export 12 ERROR`,
  '/broken': `
client GET
  server GET
    - callback Broken
    client test.Greeter/Broken 2 ERROR
      server test.Greeter/Broken 2 ERROR`,
}

/** Whose timer is first, its own or the server's, is a race: the server may see the call cut off. */
const DEADLINES = ['4 ERROR', '1 aborted'].map(
  (server) => `
client GET
  server GET
    - callback Slow
    client test.Greeter/Slow 4 ERROR
      server test.Greeter/Slow ${server}
        - handler cancelled deadline`,
)

interface Ran {
  readonly end: ChildEnd
  readonly receiver: Receiver
  readonly seen: Readonly<Record<string, unknown>> & { readonly stack: readonly string[] }
}

/** What several tests look at runs once. */
const runs = new Map<string, Promise<Ran>>()

function run(program: string, set: LibrarySet, node: string, preload: 'import' | 'none' = 'import'): Promise<Ran> {
  const name = [program, set, node, preload].join(' ')
  const running = runs.get(name) ?? runOnce(program, set, { node, preload })
  runs.set(name, running)
  return running
}

async function runOnce(
  program: string,
  set: LibrarySet,
  where: { node: string; preload: 'import' | 'none' },
): Promise<Ran> {
  const receiver = await startReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const end = await runChild(libraryProgram(`grpc/${program}`, set), {
    env,
    args: callsOf(set),
    flushesAtEnd: true,
    ...where,
  })
  await receiver.close()
  return { end, receiver, seen: JSON.parse(end.stderr) as Ran['seen'] }
}

const NODES = ['22.15.0', '24.21.0', '26.10.0'] as const
const RUNS = NODES.flatMap((node) =>
  (['oldest', 'newest'] as const).flatMap((set) =>
    ['calls.cjs', 'calls.mjs'].map((program) => ({ node, set, program })),
  ),
)

test.concurrent.each(RUNS)(
  '$program with the $set grpc-js on Node $node: each call is one client hop and one server hop of its trace',
  { timeout: 60_000 },
  async ({ node, set, program }) => {
    const { end, receiver, seen } = await run(program, set, nodeBinary(node))
    expect(end.code).toBe(0)
    const { '/deadline': deadline, ...drawn } = drawnTraces(receiver)
    const { '/broken': broken, ...others } = TRACES
    const expected = set === 'newest' ? { ...others, '/broken': broken } : others
    expect(Object.fromEntries(Object.entries(drawn).map(([path, tree]) => [path, `\n${tree}`]))).toEqual(expected)
    expect(DEADLINES).toContain(`\n${deadline}`)

    expect(seen.stack.filter((line) => !/grpc-js|run\.cjs|node:/.test(line))).toEqual([])
    expect(seen['received']).toEqual([['mine'], 1])
    expect(seen['sent']).toEqual({
      'x-app': 'mine',
      traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    })
  },
)

test('a server is a hop with the reference engine for HTTP, too', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_HTTP_ENGINE: 'otel' }
  await runChild(libraryProgram('grpc/calls.cjs', 'newest'), { env, args: ['say'], flushesAtEnd: true })
  await receiver.close()
  expect(drawnTraces(receiver)['/say']).toContain(`
    client test.Greeter/Say 0
      server test.Greeter/Say 0
        - handler first
        - handler timer first`)
})

test(
  'called from a task, the handler is a node of its tree, with its lines and its record',
  { timeout: 60_000 },
  async () => {
    const receiver = await startReceiver()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, IN_TASK: 'on' }
    await runChild(libraryProgram('grpc/calls.cjs', 'newest'), { env, args: ['say', 'count'], flushesAtEnd: true })
    await receiver.close()
    for (const name of ['say', 'count']) {
      const begun = receiver.receivedLogs.find(({ record }) => record.body === `asks ${name}`)
      const tree = receiver.receivedLogs.filter(({ record }) => record.traceId === begun?.record.traceId)
      expect(faultsOfPaths(tree)).toEqual([])
      const called = tree.find(({ record }) => (record.body as string).startsWith('POST /test.Greeter/'))
      // The task's second number is the request, whose first is the call.
      expect(called?.record.attributes['tracelog.task.path']).toMatch(/^2\/1\/\d$/)
    }
  },
)

test('what the application prints and gets is the same without us', { timeout: 60_000 }, async () => {
  const [bare, ours] = await Promise.all(
    (['none', 'import'] as const).map((preload) => run('calls.cjs', 'newest', process.execPath, preload)),
  )
  const answers = ({ seen }: Ran) => ({ ...seen, stack: [], received: [] })
  expect(ours?.end.stdout.split('\n').toSorted()).toEqual(bare?.end.stdout.split('\n').toSorted())
  expect(answers(ours as Ran)).toEqual(answers(bare as Ran))
})

test(
  'a call is a request of its own: what its handler adds to it is on its records, and on no others',
  {
    timeout: 60_000,
  },
  async () => {
    const { receiver } = await run('calls.cjs', 'newest', process.execPath)
    const records = receiver.receivedLogs.map(({ record }) => record)
    const greeted = records.filter(({ attributes }) => attributes['greeted'] === 'first')
    expect(new Set(greeted.map(({ body }) => body))).toEqual(
      new Set(['handler timer first', 'POST /test.Greeter/Say OK']),
    )
  },
)

test('spans and the completion record say what the conventions want', { timeout: 60_000 }, async () => {
  const { receiver } = await run('calls.cjs', 'newest', process.execPath)
  const spans = receiver.receivedSpans.map(({ span }) => span).filter(({ name }) => name === 'test.Greeter/Fail')
  const [client] = spans
    .filter(({ kind }) => kind === 3)
    .map(({ attributes, statusMessage }) => ({ attributes, statusMessage }))
  expect(client).toEqual({
    statusMessage: 'no such greeting',
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': 'test.Greeter',
      'rpc.method': 'Fail',
      'rpc.grpc.status_code': 5,
      'error.type': 'NOT_FOUND',
      'server.address': '127.0.0.1',
      'server.port': expect.any(Number),
      'tracelog.component': 'client',
    },
  })
  const ends = receiver.receivedLogs
    .map(({ record }) => record)
    .filter(({ eventName, attributes }) => eventName !== '' && attributes['url.path'] === '/test.Greeter/Fail')
  const common = {
    'http.request.method': 'POST',
    'url.path': '/test.Greeter/Fail',
    'client.address': '127.0.0.1',
    'tracelog.component': 'http_server',
    'tracelog.response_time_ms': expect.any(Number),
    'tracelog.seq': expect.any(Number),
  }
  expect(
    ends.map(({ eventName, body, severityNumber, attributes }) => ({ eventName, body, severityNumber, attributes })),
  ).toEqual([
    {
      eventName: 'tracelog.http.server.end',
      body: 'POST /test.Greeter/Fail NOT_FOUND',
      severityNumber: 9,
      attributes: { ...common, 'rpc.grpc.status_code': 5 },
    },
    {
      eventName: 'tracelog.http.server.end',
      body: 'POST /test.Greeter/Fail INTERNAL',
      severityNumber: 17,
      attributes: {
        ...common,
        'rpc.grpc.status_code': 13,
        'error.type': 'INTERNAL',
        'exception.message': 'no such greeting',
      },
    },
  ])
})

test('a version whose calls cannot be hooked is said, and nothing of it is captured', () => {
  const hook = createGrpcHook(hopOptionsOf(createHopKit().options))
  const main = { package: '@grpc/grpc-js', file: 'build/src/index.js', isMain: true } as const
  const loaded = {
    file: main,
    exports: {},
    module: {} as never,
    version: '1.7.3',
    path: '/a/@grpc/grpc-js/build/src/index.js',
  }
  expect(() => hook.onFile?.(loaded)).toThrow('it has no resolving-call.js (versions from 1.8 have)')
})

test('switched off, calls leave nothing, also those of clients that are there already', async () => {
  const kit = createHopKit()
  const instrumentation = createHopInstrumentations(kit.options).find(({ name }) => name === 'grpc')
  instrumentation?.enable()
  expect(instrumentation?.status()).toBe('waiting')
  const grpc = createRequire(new URL('../../libraries/newest/package.json', import.meta.url))('@grpc/grpc-js') as Grpc
  expect(instrumentation?.status()).toBe('active')
  const client = new grpc.Client('127.0.0.1:1', grpc.credentials.createInsecure())
  const toBytes = (text: string) => Buffer.from(text)
  const call = () =>
    new Promise((resolve) => {
      client.makeUnaryRequest('/test.Greeter/Say', toBytes, toBytes, 'x', (error) => resolve(error.code))
    })
  expect(await call()).toBe(14)
  expect(kit.spans.map(({ name, statusCode }) => ({ name, statusCode }))).toEqual([
    { name: 'test.Greeter/Say', statusCode: 2 },
  ])
  instrumentation?.disable()
  expect(await call()).toBe(14)
  expect(kit.spans).toHaveLength(1)
  instrumentation?.enable()
  expect(await call()).toBe(14)
  expect(kit.spans).toHaveLength(2)
  instrumentation?.disable()
  client.close()
})

interface Grpc {
  readonly credentials: { createInsecure(): object }
  readonly Client: new (
    target: string,
    credentials: object,
  ) => {
    makeUnaryRequest(
      path: string,
      to: unknown,
      from: unknown,
      message: unknown,
      done: (error: { code: number }) => void,
    ): void
    close(): void
  }
}
