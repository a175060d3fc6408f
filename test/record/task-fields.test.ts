/** What a record says of its task, by the general path and straight to bytes: the same. */
import { ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { withTaskNode } from '../../src/context/current-task-node.ts'
import type { SpanHolder } from '../../src/context/linked-context.ts'
import { TaskNode } from '../../src/context/task-node.ts'
import type { Attributes } from '../../src/model/any-value.ts'
import { convertAttributes, toAttributes } from '../../src/model/js-value.ts'
import { FieldRoles } from '../../src/record/field-roles.ts'
import type { RecordEmitter } from '../../src/record/record-emitter.ts'
import { twoWays } from '../support/two-ways.ts'

const SCOPE = { name: 'test', version: '1' }
const ROLES = new FieldRoles()
const SPAN = trace.wrapSpanContext({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
})

class Node extends TaskNode implements SpanHolder {
  readonly span: Span = SPAN
}

interface Task {
  readonly path: string
  readonly bound: Attributes | undefined
  readonly boundAbove: Attributes | undefined
  readonly hasEnded: boolean
}

function contextOf({ path, bound, boundAbove, hasEnded }: Task): Context {
  const parent = new TaskNode({ path: '' })
  const node = new Node({ path, parent })
  if (boundAbove !== undefined) parent.bind(boundAbove)
  if (bound !== undefined) node.bind(bound)
  node.hasEnded = hasEnded
  return withTaskNode(ROOT_CONTEXT, node)
}

interface Given {
  readonly body: string
  readonly fields: object
  readonly eventName: string | undefined
}

function emitGeneral(records: RecordEmitter, { body, fields, eventName = '' }: Given, context: Context): void {
  records.emit({ severityNumber: 9, body, eventName, ...convertAttributes(fields), context }, SCOPE, 'export')
}

function emitFast(records: RecordEmitter, given: Given, context: Context): void {
  const input = { ...given, severityNumber: 9, severityText: '', roles: ROLES, mayHaveGetters: true, context }
  if (!records.emitPlain(input, SCOPE, 'export')) emitGeneral(records, given, context)
}

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, 'password=hunter2', 1.5))
const key = fc.constantFrom('a', 'b', 'c', 'password', 'tracelog.task.path', 'tracelog.elapsed_ms', 'level')
const attributes = fc.dictionary(key, fc.oneof({ weight: 8, arbitrary: scalar }, fc.constant([1, 2])), { maxKeys: 4 })
const bound = fc.option(attributes.map(toAttributes), { nil: undefined })
const task: fc.Arbitrary<Task> = fc.record({
  path: fc.constantFrom('', '3', '3/2', `${'123456789/'.repeat(25)}12345`),
  bound,
  boundAbove: bound,
  hasEnded: fc.boolean(),
})
const given = fc.record({
  body: fc.string(),
  fields: attributes,
  eventName: fc.constantFrom(undefined, 'tracelog.task.start'),
})

test('for any task and records one after the other', () => {
  const { general, fast, straight } = twoWays()
  fc.assert(
    fc.property(task, fc.array(given, { minLength: 1, maxLength: 4 }), (around, records) => {
      const [first, second] = [contextOf(around), contextOf(around)]
      for (const one of records) {
        emitFast(fast.records, one, first)
        emitGeneral(general.records, one, second)
      }
      expect(Buffer.from(fast.take()).toString('hex')).toBe(Buffer.from(general.take()).toString('hex'))
    }),
    { numRuns: 1000 },
  )
  expect(straight()).toBeGreaterThan(50)
})
