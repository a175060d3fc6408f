/**
 * One tree of tasks over three processes: a caller that asks many times at once, a service, and the one that it asks in turn.
 *
 *   order of 50 items                 caller
 *     reserve                         two of three calls are made from a subtask
 *       GET                           the CLIENT span; the service's request is the node that the task has numbered for it
 *         take stock                  service
 *           GET > take stock          warehouse
 */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:http2'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild, startChild, type ChildOptions, type RunningChild } from '../support/child.ts'
import { drawnTasks } from '../support/drawn-tasks.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { faultsOfPaths, waysDown } from '../support/task-tree.ts'

const COUNT = 50
const [OLDEST = '', CURRENT = '', NEWEST = ''] = NODE_VERSIONS

let receiver: Receiver
let children: RunningChild[]
let env: Record<string, string>
let node: string

beforeEach(async () => {
  receiver = await startReceiver()
  children = []
  env = {}
  node = process.execPath
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await receiver.close()
})

const settings = (name: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: name, ...env })

/** @returns its port */
async function service(name: string, next?: string, more: Record<string, string> = {}): Promise<string> {
  return start('task-chain/service.cjs', name, { args: next === undefined ? [] : [next], env: more })
}

/** @returns its port */
async function start(program: string, name: string, options: Pick<ChildOptions, 'args' | 'env'>): Promise<string> {
  const child = startChild(program, { ...options, node, env: { ...settings(name), ...options.env } })
  children.push(child)
  await child.prints('\n')
  return /port (\d+)/.exec(child.stdout())?.[1] ?? ''
}

/** Everything has ended, and all of it has arrived. */
async function end(): Promise<void> {
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(({ ended }) => ended))
}

async function call(port: string, count = COUNT): Promise<void> {
  const ended = await runChild('task-chain/caller.cjs', { node, args: [port, String(count)], env: settings('caller') })
  expect(ended).toMatchObject({ code: 0, stdout: `answered ${count}\n`, stderr: '' })
  await end()
}

const pathOf = ({ record }: { record: { attributes: Readonly<Record<string, unknown>> } }) =>
  record.attributes['tracelog.task.path']
const logsOf = (name: string) => receiver.receivedLogs.filter(({ resource }) => resource['service.name'] === name)

/** With how many numbers the caller's task has ended, and how many of them do not come by themselves. */
function endOfOrder(): unknown[] {
  const ends = logsOf('caller').filter(({ record }) => record.body === `order of ${COUNT} items`)
  return ends.flatMap(({ record: { attributes } }) => {
    const { 'tracelog.task.last': last, 'tracelog.task.unsent': unsent } = attributes
    return last === undefined ? [] : [last, unsent]
  })
}

const withoutNote = (line: string): string => line.replace(/ \(\d+ not sent\)$/, '')
/** The name of a span is the goal as it was given. */
const withoutNumbers = (line: string): string => line.replaceAll(/\d+|%d/g, 'N')

describe('T-1: three processes, fifty parallel calls', () => {
  test.each([
    { version: OLDEST, http: '1', engine: 'channels' },
    { version: NEWEST, http: '1', engine: 'channels' },
    { version: CURRENT, http: '2', engine: 'channels' },
    { version: CURRENT, http: '1', engine: 'otel' },
  ])('are one tree, on Node $version over HTTP/$http ($engine)', async ({ version, http, engine }) => {
    node = nodeBinary(version)
    env = { SHOP_HTTP: http, TRACELOG_HTTP_ENGINE: engine }
    await call(await service('service', await service('warehouse')))

    // From records alone: each has a path, no path is there twice, and no number between two is missing.
    expect(receiver.receivedLogs.length).toBe(4 + 33 * 3 + 2 * COUNT * 5)
    expect(faultsOfPaths(receiver.receivedLogs)).toEqual([])
    // Start, two lines, end; 17 calls from the task itself, which may be seen nowhere, and 33 subtasks.
    expect(endOfOrder()).toEqual([54, 17])

    // From spans alone.
    const order = 'order of %d items'
    const below = 'GET > GET > take stock > GET > GET > take stock'.split(' > ')
    const expected: Record<string, number> = { [order]: 1, [`${order} > reserve %d`]: 33 }
    for (const [above, count] of [
      [order, 17],
      [`${order} > reserve %d`, 33],
    ] as const)
      below.forEach((_, depth) => (expected[[above, ...below.slice(0, depth + 1)].join(' > ')] = count))
    expect(waysDown(receiver.receivedSpans)).toEqual(expected)

    // And so it is drawn; without spans nobody knows of the calls.
    const drawn = drawnTasks(receiver, 'both')
    expect(drawn).toHaveLength(1 + 33 + 4 * COUNT)
    expect(drawn.filter((line) => /missing|unfinished|below the level/.test(line))).toEqual([])
    expect(drawnTasks(receiver, 'records').map(withoutNote)).toEqual(drawn.map(withoutNote))
    // Spans have no numbers: those of one task are in the order of their times.
    expect(drawnTasks(receiver, 'spans').map(withoutNumbers).toSorted()).toEqual(drawn.map(withoutNumbers).toSorted())
  })

  test('a service that knows nothing of tasks passes the tree on', async () => {
    await call(await service('service', await service('warehouse'), { TASKS: 'off' }))
    expect(faultsOfPaths(receiver.receivedLogs)).toEqual([])
    expect(logsOf('service')).toHaveLength(3 * COUNT)
  })

  test('a request that is made again elsewhere takes a number of its own', async () => {
    env = { MOVED: '/moved' }
    await call(await service('service'), 1)
    expect(faultsOfPaths(receiver.receivedLogs)).toEqual([])
    // The task's third number was sent on, its fourth is there.
    const ends = logsOf('service').filter(({ record }) => record.eventName === 'tracelog.http.server.end')
    expect(ends.map((log) => String(pathOf(log))).toSorted()).toEqual(['3/1', '4/3'])
  })

  test('so does a load balancer, which is a node of its own', async () => {
    const upstream = `http://127.0.0.1:${await service('service')}`
    const balancer = await start('hops/load-balancer.cjs', 'balancer', { env: { UPSTREAMS: `none,${upstream}` } })
    await call(balancer, 6)
    const tree = receiver.receivedLogs.filter(({ record }) => record.traceId !== '')
    expect(faultsOfPaths(tree)).toEqual([])
    const ends = logsOf('balancer').filter(({ record }) => record.eventName === 'tracelog.lb.end')
    // Two calls of the task itself, four of its subtasks; of each the first number is the balancer's call, the second its record.
    expect(ends.map((log) => String(pathOf(log)).replace(/^\d+/, 'n')).toSorted()).toEqual([
      ...Array<string>(2).fill('n/2'),
      ...Array<string>(4).fill('n/2/2'),
    ])
  })
})

describe('T-9: the path that a caller tells', () => {
  const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1,tracelog=p:9' }

  /** @returns the paths of what the service has logged */
  async function asked(trusted: string, tasks = 'off') {
    env = { ...env, TRACELOG_TRUSTED_PEERS: trusted }
    const port = Number(await service('service', undefined, { TASKS: tasks }))
    await (env['SHOP_HTTP'] === '2' ? askHttp2(port) : askHttp1(port))
    await end()
    return logsOf('service')
      .map((log) => String(pathOf(log)))
      .toSorted()
  }

  async function askHttp1(port: number): Promise<void> {
    const [response] = (await once(get({ host: '127.0.0.1', port, headers }), 'response')) as [IncomingMessage]
    await once(response.resume(), 'end')
  }

  async function askHttp2(port: number): Promise<void> {
    const session = connect(`http://127.0.0.1:${port}`)
    await once(session.request({ ':path': '/', ...headers }).resume(), 'end')
    session.close()
  }

  test.each([
    ['channels', '1'],
    ['channels', '2'],
    ['otel', '1'],
  ])('counts from trusted peers only (%s, HTTP/%s)', async (engine, version) => {
    env = { TRACELOG_HTTP_ENGINE: engine, SHOP_HTTP: version }
    expect(await asked('loopback')).toEqual(['9/1', '9/2', '9/3'])
    expect(await asked('10.0.0.1')).toEqual(['9/1', '9/2', '9/3', 'undefined', 'undefined', 'undefined'])
  })

  test('of a stranger counts nothing: what the request is for begins a tree of its own, in the same trace', async () => {
    expect(await asked('10.0.0.1', 'on')).toEqual(['1/1', '1/2', '1/3', 'undefined', 'undefined'])
    expect(new Set(logsOf('service').map(({ record }) => record.traceId))).toEqual(new Set(['a'.repeat(32)]))
  })
})
