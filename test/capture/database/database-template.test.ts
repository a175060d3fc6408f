/** What a template writes of a call is what the general way writes: for random questions, callers and ends. */
import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { databaseFailure } from '../../../src/capture/database/database-failure.ts'
import { DatabaseHop } from '../../../src/capture/database/database-hop.ts'
import { DatabasePlaces, type DatabaseOperation } from '../../../src/capture/database/database-operation.ts'
import { databaseOptionsOf } from '../../../src/capture/database/database-options.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { monotonicMillis } from '../../../src/diag/clock.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import type { RedactorOptions } from '../../../src/process/redactor.ts'
import { encodedKit } from '../../support/encoded-kit.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const PLACE = { system: 'postgresql', namespace: 'shop', address: '10.0.0.1', port: 5432 } as const

const statement = fc.oneof(
  fc.constantFrom(
    'SELECT * FROM orders',
    "UPDATE zebra77 SET password = 'hunter2'",
    'SELECT token=abcdef123456',
    `SELECT ${'x'.repeat(600)} FROM ${'y'.repeat(600)}`,
    `SELECT ${'column, '.repeat(600)} FROM z`,
  ),
  fc.string({ maxLength: 60 }),
)
const course = fc.record({
  parent: fc.constantFrom('none', 'sampled', 'unsampled', 'remote'),
  hasUnit: fc.boolean(),
  end: fc.constantFrom('ended', 'ended', 'failed', 'process end'),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

const newUnit = () =>
  new RequestUnit({
    ids: SpanIds.of(TRACE, PARENT),
    traceFlags: 1,
    method: 'GET',
    path: '/',
    startedMillis: 0,
    isPeerTrusted: true,
  })

function contextOf({ parent, hasUnit }: Course): Context {
  const flags = new Map([
    ['sampled', 3],
    ['remote', 1],
    ['unsampled', 0],
  ]).get(parent)
  const known = { traceId: TRACE, spanId: PARENT, isRemote: parent === 'remote' }
  const context =
    flags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...known, traceFlags: flags })
  return hasUnit ? withUnit(context, newUnit()) : context
}

function end(hop: DatabaseHop, how: string): void {
  if (how === 'failed') hop.failed(databaseFailure(new TypeError('no "secret"'), '42601'))
  else if (how === 'process end') hop.finishNow()
  else hop.ended()
}

const maskId = (id: string) => (id === TRACE || id === PARENT || id === '' ? id : 'random')

function maskSpan({ startTimeUnixNano: from, endTimeUnixNano: to, ...span }: SpanRecord): object {
  return { ...span, isForward: from > 0n && to >= from, traceId: maskId(span.traceId), spanId: maskId(span.spanId) }
}

describe.each<RedactorOptions>([
  {},
  { addedKeys: ['db.namespace'], patterns: [/zebra\d+/g] },
  { addedKeys: ['db.query.text'] },
])('redacted with %o', (redaction) => {
  test('both ways leave the same behind', () => {
    const ways = [encodedKit(false, redaction), encodedKit(true, redaction)] as const
    const settings = ways.map(({ options }) => databaseOptionsOf(options))
    const operations = new DatabasePlaces().of(PLACE)
    fc.assert(
      fc.property(statement, course, (sql, happens) => {
        const operation: DatabaseOperation = operations.statement(sql, 'postgresql')
        const [general, fast] = ways.map((way, at) => {
          const caller = { context: contextOf(happens), startedMillis: monotonicMillis() }
          end(new DatabaseHop(settings[at]!, operation, caller), happens.end)
          return way.take().spans.map(maskSpan)
        })
        expect(fast).toEqual(general)
      }),
      { numRuns: 300 },
    )
  })
})

test('a call that ends well goes straight to bytes, and counts into its request; so does one that fails', () => {
  const kit = encodedKit(true)
  const operation = new DatabasePlaces().of(PLACE).statement('SELECT * FROM orders WHERE id = 7', 'postgresql')
  const unit = newUnit()
  for (const how of ['ended', 'failed', 'ended']) {
    const caller = { context: withUnit(ROOT_CONTEXT, unit), startedMillis: monotonicMillis() }
    const hop = new DatabaseHop(databaseOptionsOf(kit.options), operation, caller)
    end(hop, how)
    end(hop, how)
  }
  expect([kit.straight(), unit.rollUp.dbCalls]).toEqual([2, 3])
  expect(kit.take().spans.map(({ name, statusCode }) => [name, statusCode])).toEqual([
    ['SELECT orders', 0],
    ['SELECT orders', 2],
    ['SELECT orders', 0],
  ])
})

test('the same question is the same object, whatever its values', () => {
  const operations = new DatabasePlaces().of(PLACE)
  const asked = ['1', '2', '3'].map((id) => operations.statement(`SELECT a FROM b WHERE id = ${id}`, 'postgresql'))
  expect(new Set(asked).size).toBe(1)
})

test.each([
  [`Duplicate entry 'ann@shop.test' for key 'email'`, 'Duplicate entry ?'],
  ['E11000 duplicate key: { mail: "ann" } and more', 'E11000 duplicate key: {?} and more'],
  [`Table 'shop.none' doesn't exist`, `Table ? doesn't exist`],
  [`near 'it's secret' and 'more' at line 1`, 'near ? at line 1'],
  [`it ended in 'the middle`, 'it ended in ?'],
])('of %j is kept: %j', (message, kept) => {
  expect(databaseFailure(new Error(message)).message).toBe(kept)
})
