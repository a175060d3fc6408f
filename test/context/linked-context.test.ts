import { createContextKey, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LinkedContext, withSpan } from '../../src/context/linked-context.ts'

const KEYS = ['a', 'b', 'c'].map((name) => createContextKey(name))
const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })

test('the span is where the API looks for it, and those derived from it hide it', () => {
  const context = withSpan(ROOT_CONTEXT, span)
  expect(trace.getSpan(context)).toBe(span)
  expect(trace.getSpan(trace.deleteSpan(context))).toBeUndefined()
  const other = trace.wrapSpanContext({ traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1 })
  expect(trace.getSpan(trace.setSpan(context, other))).toBe(other)
  expect(trace.getSpan(context)).toBe(span)
})

test("any sequence of changes gives what the API's own context gives, at every step", () => {
  const change = fc.record({ key: fc.constantFrom(...KEYS), value: fc.option(fc.integer(), { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
      let ours: Context = new LinkedContext(ROOT_CONTEXT, Symbol('first'), 1)
      let theirs: Context = ROOT_CONTEXT
      for (const { key, value } of changes) {
        ours = value === undefined ? ours.deleteValue(key) : ours.setValue(key, value)
        theirs = value === undefined ? theirs.deleteValue(key) : theirs.setValue(key, value)
        expect(KEYS.map((each) => ours.getValue(each))).toEqual(KEYS.map((each) => theirs.getValue(each)))
      }
    }),
  )
})

test('a context that is derived for ever does not grow for ever', () => {
  let context: Context = withSpan(ROOT_CONTEXT, span)
  for (let i = 0; i < 10_000; i++) context = context.setValue(KEYS[i % 3]!, i)
  expect((context as LinkedContext).depth).toBeLessThanOrEqual(17)
  expect(trace.getSpan(context)).toBe(span)
})
