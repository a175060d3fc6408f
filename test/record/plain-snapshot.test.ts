/** Records that are held: whole again they are those of the general path, as they were when they were logged. */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { WholeRecord, type HeldRecord } from '../../src/context/held-record.ts'
import { RequestUnit, withUnit } from '../../src/context/request-unit.ts'
import { SpanIds } from '../../src/context/span-ids.ts'
import { createClock } from '../../src/diag/clock.ts'
import { estimatedBytes } from '../../src/model/estimated-bytes.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import { FieldRoles } from '../../src/record/field-roles.ts'
import type { PlainInput } from '../../src/record/record-emitter.ts'
import { levelsWithoutRules } from '../support/log-sink.ts'

const SCOPE = { name: 'app', version: '' }
const clock = createClock({ wallMillis: () => 1_000, monotonicMillis: () => 0.5, originMillis: 1_000 })
const held: HeldRecord[] = []
const records = createRecordEmitter({
  levels: levelsWithoutRules(),
  clock,
  sink: {
    emit: (record, scope, _verdict, active) => void held.push(new WholeRecord(record, scope, active)),
    hold: (record) => void held.push(record),
  },
  encoded: { redaction: createRedactor().parts, clock, takes: () => false, append: () => false },
})

const unit = new RequestUnit({
  ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)),
  traceFlags: 1,
  method: 'GET',
  path: '/',
  startedMillis: 0,
  isPeerTrusted: false,
})
const contexts = [
  ROOT_CONTEXT,
  trace.setSpanContext(ROOT_CONTEXT, { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 0 }),
  withUnit(trace.setSpanContext(ROOT_CONTEXT, unit), unit),
]

function plainOf(body: string, fields: object, active = context.active()): PlainInput {
  return {
    severityNumber: 5,
    severityText: 'debug',
    body,
    fields,
    roles: new FieldRoles(),
    mayHaveGetters: true,
    context: active,
  }
}

test('whatever the text, the fields, the request and what it states of itself', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
  const fields = fc.dictionary(fc.stringMatching(/^[a-z.]{2,12}$/), scalar, { maxKeys: 6 })
  fc.assert(
    fc.property(fc.string(), fields, fc.constantFrom(...contexts), fc.option(fields), (body, own, active, stated) => {
      unit.fields = stated ?? undefined
      held.length = 0
      const input = plainOf(body, own, active)
      if (!records.emitPlain(input, SCOPE, 'hold')) return
      records.emit({ severityNumber: 5, severityText: 'debug', body, attributes: own, context: active }, SCOPE, 'hold')
      const [fast, general] = held
      expect(fast!.toRecord()).toEqual(general!.toRecord())
      expect(fast!.bytes).toBeLessThanOrEqual(estimatedBytes(general!.toRecord()))
    }),
    { numRuns: 500 },
  )
})

test('what is changed after the call makes no difference', () => {
  held.length = 0
  const fields = { id: 7, name: 'before' }
  expect(records.emitPlain(plainOf('x', fields), SCOPE, 'hold')).toBe(true)
  fields.id = 8
  fields.name = 'after'
  expect(held[0]!.toRecord().attributes).toEqual({ id: 7, name: 'before' })
})

test('records with the same fields share the list of their keys, and keep their own values', () => {
  held.length = 0
  for (const fields of [{ id: 1 }, { id: 2 }, { other: 3 }, { id: 4, other: 5 }, { id: 6 }])
    expect(records.emitPlain(plainOf('x', fields), SCOPE, 'hold')).toBe(true)
  expect(held.map((one) => one.toRecord().attributes)).toEqual([
    { id: 1 },
    { id: 2 },
    { other: 3 },
    { id: 4, other: 5 },
    { id: 6 },
  ])
})
