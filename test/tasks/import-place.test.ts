/** Where an imported task hangs, and what goes on from it: real contexts, spans and records in this process. */
import { context, propagation, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import { beforeEach, describe, expect, test } from 'vitest'

import { errorTypeOf } from '../../src/capture/hop/error-type.ts'
import { withForeignTask } from '../../src/context/foreign-task.ts'
import { DESTINATION } from '../../src/context/propagation.ts'
import { currentUnit, withUnit } from '../../src/context/request-unit.ts'
import { NO_UNIT_ENDS, beginWork } from '../../src/record/work-unit.ts'
import type { TaskOptions } from '../../src/tasks/task-face.ts'
import { createTasks } from '../../src/tasks/tasks.ts'
import { createHopKit } from '../support/hop-kit.ts'

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`
const TOKEN = `${TRACEPARENT};3/2`

const kit = createHopKit()
const { records, tracerProvider } = kit.options
const tasks = createTasks({ records, tracerProvider, units: NO_UNIT_ENDS, errorTypeOf, detached: (run) => run() })

beforeEach(() => {
  kit.spans.length = 0
  kit.records.length = 0
})

/** Imports it there. @returns what `fn` returned, and the span */
function imported<T>(token: unknown, at: Context, fn: () => T, options?: TaskOptions) {
  const value = context.with(at, () => tasks.importTask({ token: token as string, goal: 'pack' }, options, fn))
  const span = kit.spans.find(({ name }) => name === 'pack')
  return { value, span, paths: kit.records.map(({ attributes }) => attributes['tracelog.task.path']) }
}

/** What a trusted peer gets. */
function sent(): Record<string, string> {
  const headers: Record<string, string> = {}
  propagation.inject(context.active().setValue(DESTINATION, '127.0.0.1'), headers)
  return headers
}

function inRequest() {
  const span = tracerProvider.getTracer('app').startSpan('request')
  const unit = beginWork(NO_UNIT_ENDS, 'request', span.spanContext())
  return { unit, span: span.spanContext(), at: trace.setSpan(withUnit(ROOT_CONTEXT, unit), span) }
}

describe('a task that is imported', () => {
  test('hangs below the span and the path of its token', () => {
    const { value, span, paths } = imported(TOKEN, ROOT_CONTEXT, () => 42)
    expect(value).toBe(42)
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, links: [] })
    expect(paths).toEqual(['3/2/1', '3/2/2'])
  })

  test('within a request it is of that request, and links to it; as a message it is a unit of its own', () => {
    const { unit, span: request, at } = inRequest()
    const joined = imported(TOKEN, at, currentUnit)
    expect(joined.value).toBe(unit)
    expect(joined.span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN })
    expect(joined.span?.links).toMatchObject([{ traceId: request.traceId, spanId: request.spanId }])
    const { value: own } = imported(TOKEN, at, currentUnit, { kind: 'consumer' })
    expect(own?.traceId).toBe(TRACE)
    expect(own).not.toBe(unit)
  })

  test('goes on to others with its own place, and with nothing that a token says to trusted peers only', () => {
    const carrier = { traceparent: TRACEPARENT, tracestate: 'a=1,tracelog=d:1;p:9', 'tracelog-task': '3/2' }
    const { value, span } = imported(carrier, ROOT_CONTEXT, sent)
    expect(value).toEqual({ traceparent: `00-${TRACE}-${span?.spanId}-01`, tracestate: 'tracelog=p:3.2.2,a=1' })
  })

  test.each([
    ['without a path', TRACEPARENT],
    ['with a path alone that travels in the state', { TRACEPARENT, TRACESTATE: 'tracelog=p:9' }],
  ])('begins numbers anew %s', (_, token) => {
    expect(imported(token, ROOT_CONTEXT, () => {}).paths).toEqual(['1', '2'])
  })

  test('by the token of another task here: the number that the token took', () => {
    const task = context.with(ROOT_CONTEXT, () => tasks.startTask('order'))
    const token = task.token()
    expect(token).toBe(`00-${task.traceId}-${task.spanId}-03;2`)
    kit.records.length = 0
    const { span, paths } = imported(token, ROOT_CONTEXT, () => {})
    expect(span).toMatchObject({ traceId: task.traceId, parentSpanId: task.spanId })
    expect(paths).toEqual(['2/1', '2/2'])
  })
})

describe('in a process that was started in a task', () => {
  const remote = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true }
  const started = () => withForeignTask(trace.setSpanContext(ROOT_CONTEXT, remote), '3/2')

  test('the token of its environment counts below what is counted already', () => {
    const at = started()
    imported(TOKEN, at, () => {})
    const { paths } = imported({ TRACEPARENT, TRACELOG_TASK: '3/2' }, at, () => {})
    expect(paths).toEqual(['3/2/1/1', '3/2/1/2', '3/2/2/1', '3/2/2/2'])
  })

  test('another token counts for itself', () => {
    expect(imported(`${TRACEPARENT};3/7`, started(), () => {}).paths).toEqual(['3/7/1', '3/7/2'])
  })

  test.each(['', undefined, 'no token'])('without a token (%s) it hangs where every root hangs', (token) => {
    const { span, paths } = imported(token, started(), () => {})
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN })
    expect(paths).toEqual(['3/2/1/1', '3/2/1/2'])
    const said = kit.records.map(({ attributes }) => attributes['tracelog.task.import_error'])
    expect(said).toEqual([token === 'no token' ? 'malformed' : undefined, undefined])
  })
})
