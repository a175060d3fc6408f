/** Tasks that go on in another process or thread, or behind a queue, by what they are told: environments and tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../support/child.ts'
import { drawnTasks } from '../support/drawn-tasks.ts'
import { MALFORMED_TOKENS } from '../support/malformed-tokens.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { faultsOfPaths } from '../support/task-tree.ts'

const [OLDEST = '', CURRENT = '', NEWEST = ''] = NODE_VERSIONS

let receiver: Receiver
let folder: string
beforeEach(async () => {
  receiver = await startReceiver()
  folder = mkdtempSync(join(tmpdir(), 'tracelog-tokens-'))
})
afterEach(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

function run(program: string, options: ChildOptions = {}) {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'app', ...options.env }
  return runChild(`task-chain/${program}`, { ...options, env })
}

const records = () => receiver.receivedLogs.map(({ record }) => record)
/** Text and path of each record, in the order of the paths. */
const told = () =>
  records()
    .map(({ body, attributes }) => `${attributes['tracelog.task.path'] as string} ${body as string}`)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))

describe('T-7: a child that is started in a task', () => {
  const TREE = [
    '1 order',
    '2 before',
    '3/1 child outside',
    '3/2/1 task of child',
    '3/2/2 child inside',
    '3/2/3 task of child',
    '3/3/1 grandchild outside',
    '3/3/2/1 task of grandchild',
    '3/3/2/2 grandchild inside',
    '3/3/2/3 task of grandchild',
    '3/3/3/1 by hand',
    '3/3/3/2 imported',
    '3/3/3/3 by hand',
    '4 after',
    '5 order',
  ]

  // The processes between them have no spans.
  const DRAWN = ['order', 'task of child', 'task of grandchild', 'by hand'].map(
    (goal, i) => `${i === 0 ? '' : '  '}app: ${goal}`,
  )

  // Each way on each Node: child-processes.test.ts.
  test.each([
    { version: OLDEST, way: 'spawn' },
    { version: CURRENT, way: 'fork' },
    { version: NEWEST, way: 'exec' },
  ])(
    'by $way: what it does hangs below, and no environment of the application is written (Node $version)',
    async ({ version, way }) => {
      const ended = await run('children.cjs', { args: [way], node: nodeBinary(version) })
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(JSON.parse(ended.stdout)).toEqual({ isUnchanged: true, own: [], given: 'of the application' })
      expect(told()).toEqual(TREE)
      expect(faultsOfPaths(receiver.receivedLogs)).toEqual([])
      for (const from of ['both', 'records', 'spans'] as const) expect(drawnTasks(receiver, from), from).toEqual(DRAWN)
    },
  )

  test('a worker thread as well', async () => {
    expect(await run('children.cjs', { args: ['thread'], flushesAtEnd: true })).toMatchObject({ code: 0, stderr: '' })
    expect(told()).toEqual(TREE.filter((line) => !/grandchild|by hand|imported/.test(line)))
    expect(faultsOfPaths(receiver.receivedLogs)).toEqual([])
  })
})

test('T-6: nothing that is handed over as a token throws, and what is none says so', async () => {
  const file = join(folder, 'tokens.json')
  const listed = MALFORMED_TOKENS.filter((token) => !/Uint8Array|number|bigint|symbol|function/.test(kindOf(token)))
  writeFileSync(file, JSON.stringify(listed))
  const ended = await run('imports.cjs', { args: [file], flushesAtEnd: true })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  const printed = JSON.parse(ended.stdout) as { tokens: number }
  expect(printed).toMatchObject({ returned: printed.tokens + 6, thrown: 0 })
  expect(printed.tokens).toBeGreaterThanOrEqual(200)

  const begun = records().filter(({ eventName }) => eventName === 'tracelog.task.start')
  const of = (goal: string) => begun.filter(({ body }) => body === goal)
  expect(of('malformed')).toHaveLength(printed.tokens)
  expect(of('malformed').every(({ attributes }) => attributes['tracelog.task.import_error'] === 'malformed')).toBe(true)
  expect(new Set(of('malformed').map(({ traceId }) => traceId)).size).toBe(printed.tokens)
  expect(of('none').map(({ attributes }) => attributes['tracelog.task.import_error'])).toEqual(Array(3).fill(undefined))
  // Twice the same token: two spans below one number. In a carrier: the same.
  const [order] = of('order')
  expect(of('imported').map(({ attributes }) => attributes['tracelog.task.path'])).toEqual(['2/1', '2/1', '2/1'])
  expect(new Set(of('imported').map(({ traceId }) => traceId))).toEqual(new Set([order?.traceId]))
  expect(new Set(of('imported').map(({ spanId }) => spanId)).size).toBe(3)
  const imported = receiver.receivedSpans.filter(({ span }) => span.name === 'imported')
  expect(imported.map(({ span }) => span.parentSpanId)).toEqual(Array(3).fill(order?.spanId))
})

test('T-10: behind a queue with one worker loop tokens hang where they belong, and a bare subtask is a root that says so', async () => {
  expect(await run('queue.cjs', { flushesAtEnd: true })).toMatchObject({ code: 0, stderr: '' })
  const traces = new Set(records().map(({ traceId }) => traceId))
  const trees = [...traces].map((traceId) => {
    const own = receiver.receivedLogs.filter(({ record }) => record.traceId === traceId)
    expect(faultsOfPaths(own)).toEqual([])
    return own
      .map(({ record }) => `${record.attributes['tracelog.task.path'] as string} ${record.body as string}`)
      .toSorted()
  })
  const handled = (name: string) => [
    `1 order ${name}`,
    `2/1 handle ${name}`,
    `2/2 handling ${name}`,
    `2/3 handle ${name}`,
    `3 order ${name}`,
  ]
  expect(trees.toSorted((a, b) => (a.join('') < b.join('') ? -1 : 1))).toEqual([
    ['1 lost c', '2 handling c', '3 lost c'],
    handled('a'),
    handled('b'),
    ['1 order c', '2 order c'],
  ])
  const orphans = records().filter(({ attributes }) => attributes['tracelog.task.orphan'] === true)
  expect(orphans.map(({ body }) => body)).toEqual(['lost c'])
})

function kindOf(token: unknown): string {
  if (typeof token !== 'object' || token === null) return typeof token
  return Object.values(token).some((value) => value instanceof Uint8Array) ? 'Uint8Array' : 'object'
}
