import { expect, test } from 'vitest'

import { OpenBatch } from '../../src/export/open-batch.ts'
import { OWN_SCOPE } from '../../src/export/dropped-record.ts'
import { recordsIn, requestOf, type EncodedBatch } from '../../src/model/encoded-batch.ts'
import { decodeLogsRequest } from '../../src/model/otlp-decode.ts'
import type { WriteFields } from '../../src/model/otlp-encode.ts'
import { encodeResource } from '../../src/model/otlp-request.ts'
import { LOG_RECORD } from '../../src/model/otlp-schema.ts'
import { record, SCOPE } from './harness.ts'

const resource = encodeResource({ attributes: { 'service.name': 'test' } })

function begin(maxRecords = 100): OpenBatch {
  return new OpenBatch({ signal: 'logs', resource, maxRecords })
}

function taken(open: OpenBatch): EncodedBatch {
  const batch = open.take()
  if (batch === undefined) throw new Error('the batch is empty')
  return batch
}

function bodiesByScope(batch: EncodedBatch): Record<string, readonly unknown[]> {
  const [first] = decodeLogsRequest(requestOf(batch))
  return Object.fromEntries(
    first?.scopes.map(({ scope, records }) => [scope.name, records.map(({ body }) => body)]) ?? [],
  )
}

test('a batch is whole: resource and scopes are in the request that is made of it alone', () => {
  const open = begin()
  open.addLog(record('one'), { name: 'a', version: '' }, 0)
  open.addLog(record('two'), { name: 'b', version: '' }, 1)
  open.addLog(record('three'), { name: 'a', version: '' }, 2)
  const batch = taken(open)
  expect(bodiesByScope(batch)).toEqual({ a: ['one', 'three'], b: ['two'] })
  expect(decodeLogsRequest(requestOf(batch))[0]?.resource.attributes).toEqual({ 'service.name': 'test' })
})

test('each batch has the scopes of its own records only', () => {
  const open = begin()
  open.addLog(record('one'), { name: 'a', version: '' }, 0)
  expect(taken(open).scopes).toHaveLength(2)
  open.addLog(record('two'), { name: 'b', version: '' }, 1)
  const batch = taken(open)
  expect(batch.scopes).toHaveLength(2)
  expect(bodiesByScope(batch)).toEqual({ b: ['two'] })
})

test('a scope is encoded once, and shared by the batches', () => {
  const open = begin()
  open.addLog(record('one'), { ...SCOPE }, 0)
  const first = taken(open)
  open.addLog(record('two'), { ...SCOPE }, 1)
  expect(taken(open).scopes[1]).toBe(first.scopes[1])
})

test('a rank of its own stands beside the severity, and only where a record has one', () => {
  const open = begin()
  open.addLog(record('plain', 5), SCOPE, 0)
  const plain = taken(open)
  expect(plain.ranks).toBe(plain.severities)
  open.addLog(record('plain', 5), SCOPE, 1)
  open.addLog(record('ranked', 5), SCOPE, 2, 13)
  expect(taken(open)).toMatchObject({ severities: Uint8Array.of(5, 5), ranks: Uint8Array.of(5, 13) })
})

const write: WriteFields<string> = (writer, body) => writer.valueField(LOG_RECORD.body, body)

test('a record that is written straight to bytes stands between the others', () => {
  const open = begin()
  open.addLog(record('before'), SCOPE, 0)
  expect(open.append({ signal: 'logs', scope: SCOPE, severityNumber: 17 }, 'straight', write, 1)).toBeGreaterThan(0)
  open.addLog(record('after'), SCOPE, 2)
  const batch = taken(open)
  expect(bodiesByScope(batch)).toEqual({ app: ['before', 'straight', 'after'] })
  expect(batch).toMatchObject({ severities: Uint8Array.of(9, 17, 9), seqs: Float64Array.of(0, 1, 2) })
})

test.each<[string, WriteFields<string>]>([
  ['throws half-way', (writer) => fail(writer.begin(LOG_RECORD.body, 3))],
  ['writes nothing', () => {}],
  ['writes more than a record may be', (writer, body) => write(writer, body.padEnd(40_000, 'x'), 1)],
])('of a writer that %s nothing is left', (_what, failing) => {
  const open = begin()
  open.addLog(record('before'), SCOPE, 0)
  expect(open.append({ signal: 'logs', scope: SCOPE, severityNumber: 9 }, 'x', failing, 1)).toBe(0)
  open.addLog(record('after'), SCOPE, 1)
  expect(bodiesByScope(taken(open))).toEqual({ app: ['before', 'after'] })
})

function fail(at: number): never {
  throw new Error(`half-way, behind ${at}`)
}

test("the application's records are counted, also of a scope that is called as ours is", () => {
  const open = begin()
  open.addLog(record('theirs'), { ...OWN_SCOPE }, 0)
  open.addLog(record('ours'), OWN_SCOPE, 1)
  const batch = taken(open)
  expect(recordsIn(batch)).toBe(1)
  const [first] = decodeLogsRequest(requestOf(batch))
  expect(first?.scopes.map(({ scope, records }) => [scope, records.map(({ body }) => body)])).toEqual([
    [OWN_SCOPE, ['theirs']],
    [OWN_SCOPE, ['ours']],
  ])
})
