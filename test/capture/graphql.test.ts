/**
 * The SERVER span of a request of GraphQL has its operation's name and type; with graphql 16, where the server asks which it is. The
 * error of a field is told there and on the completion record of the request, which has not failed.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { runChild } from '../support/child.ts'
import { libraryProgram, type LibrarySet } from '../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

const PROGRAMS = ['graphql/required.cjs', 'graphql/imported.mjs']

/** @returns by path: name and type of the operation; and how many spans there are */
async function operationsOf(program: string, options: { set: LibrarySet; node?: string; asks?: boolean }) {
  const from = receiver.receivedSpans.length
  const { code, stdout, stderr } = await runChild(libraryProgram(program, options.set), {
    flushesAtEnd: true,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...(options.asks === true ? { ASKS: 'yes' } : {}) },
    ...(options.node === undefined ? {} : { node: options.node }),
  })
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0', stderr: '' })
  expect(failuresOf(from)).toEqual({
    '/fails': ['no stock', 'no stock', 9, undefined],
    '/rejects': ['no answer', 'no answer', 9, undefined],
  })
  return receiver.receivedSpans
    .slice(from)
    .map(({ span }) => span)
    .map(({ kind, attributes }) => [
      kind === SPAN_KIND.server,
      attributes['url.path'],
      attributes['graphql.operation.name'],
      attributes['graphql.operation.type'],
    ])
}

/** By path, of those that have one: the message on the span, on the record, the record's severity, its `error.type`. */
function failuresOf(from: number) {
  const failures = receiver.receivedSpans.slice(from).flatMap(({ span }) => {
    const [event] = span.events
    const end = receiver.receivedLogs.find(({ record }) => record.spanId === span.spanId)?.record
    const { 'exception.message': message, 'error.type': type } = end?.attributes ?? {}
    if (event === undefined && message === undefined) return []
    const told = [event?.attributes['exception.message'], message, end?.severityNumber, type]
    return [[span.attributes['url.path'], told]]
  })
  return Object.fromEntries(failures) as Record<string, unknown>
}

const cases = NODE_VERSIONS.flatMap((version) => PROGRAMS.map((program) => ({ version, program })))
const NAMED = [
  [true, '/named', 'Second', 'mutation'],
  [true, '/unnamed', undefined, 'query'],
  [true, '/batch', 'One', 'query'],
  [true, '/wrong', undefined, undefined],
  [true, '/fails', 'Fails', 'query'],
  [true, '/rejects', 'Rejects', 'query'],
]

test.each(cases)('graphql 17: Node $version, $program', async ({ version, program }) => {
  // Of a batch the first counts; what does not pass validation is not executed.
  expect(await operationsOf(program, { set: 'newest', node: nodeBinary(version) })).toEqual(NAMED)
})

test.each([
  { set: 'oldest', program: 'graphql/required.cjs', version: '22.15.0' },
  { set: 'oldest', program: 'graphql/imported.mjs', version: '24.21.0' },
  { set: 'between', program: 'graphql/required.cjs', version: '26.10.0' },
] as const)(
  'graphql 16 of the $set below a server that asks which it is: Node $version, $program',
  async ({ set, program, version }) => {
    expect(await operationsOf(program, { set, node: nodeBinary(version), asks: true })).toEqual(NAMED)
  },
)

test('graphql 16 tells nothing of itself', async () => {
  const [program = ''] = PROGRAMS
  const told = await operationsOf(program, { set: 'oldest' })
  expect(told).toEqual(
    ['/named', '/unnamed', '/batch', '/wrong', '/fails', '/rejects'].map((path) => [true, path, undefined, undefined]),
  )
})
