/** What of a task goes with a request, into the environment of a child, and what is made of it there. */
import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import { describe, expect, test } from 'vitest'

import { taskNodeOf, withTaskNode } from '../../src/context/current-task-node.ts'
import { takeTaskPath, withForeignTask } from '../../src/context/foreign-task.ts'
import { contextOfEnvironment, withContext } from '../../src/context/process-context.ts'
import { createPropagator, DESTINATION } from '../../src/context/propagation.ts'
import { TaskNode } from '../../src/context/task-node.ts'
import { createTrustedPeers } from '../../src/context/trusted-peers.ts'
import { MALFORMED_TOKENS } from '../support/malformed-tokens.ts'

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`
const propagator = createPropagator({ trustedPeers: createTrustedPeers() })

class Task extends TaskNode {
  readonly span = trace.wrapSpanContext({ traceId: TRACE, spanId: SPAN, traceFlags: 1 })
}

/** A context in a task with this path, whose caller had this state. */
function inTask(path: string, tracestate?: string): { context: Context; task: Task } {
  const headers = { traceparent: TRACEPARENT, ...(tracestate !== undefined && { tracestate }) }
  const around = propagator.extract(ROOT_CONTEXT, headers, {
    keys: Object.keys,
    get: (carrier: Readonly<Record<string, string>>, key) => carrier[key],
  })
  const task = new Task({ path })
  const context = withTaskNode(around, task)
  return { task, context: trace.setSpan(context, trace.getSpan(around) ?? task.span) }
}

function sent(context: Context, host?: string): Record<string, string> {
  const carrier: Record<string, string> = {}
  const to = host === undefined ? context : context.setValue(DESTINATION, host)
  propagator.inject(to, carrier, { set: (headers, name, value) => void (headers[name] = value) })
  return carrier
}

describe('to a trusted peer', () => {
  test('each request takes the next number', () => {
    const { context, task } = inTask('3/2')
    const states = [1, 2, 3].map(() => sent(context, '127.0.0.1')['tracestate'])
    expect(states).toEqual(['tracelog=p:3.2.1', 'tracelog=p:3.2.2', 'tracelog=p:3.2.3'])
    expect(task).toMatchObject({ last: 3, unsent: 3 })
  })

  test.each([
    ['of a root', '', 'a=1', 'tracelog=p:1,a=1'],
    ['of the caller is replaced', '3', 'tracelog=d:1;p:9.9;q:new,a=1', 'tracelog=d:1;p:3.1;q:new,a=1'],
    ['that is too long is left out', '1/'.repeat(126) + '1', 'tracelog=p:9,a=1', 'a=1'],
  ])('the path %s', (_, path, state, expected) => {
    expect(sent(inTask(path, state).context, 'localhost')['tracestate']).toBe(expected)
  })

  test('without a task nothing of the path that came in goes on, and what is not changed stays as it was', () => {
    const outside = (state: string) => withTaskNode(inTask('', state).context, undefined as never)
    expect(sent(outside('a=1,tracelog=p:9.9'), '127.0.0.1')['tracestate']).toBe('a=1')
    expect(sent(outside('a=1,tracelog=q:new;d:1'), '127.0.0.1')['tracestate']).toBe('a=1,tracelog=q:new;d:1')
    expect(sent(outside('a=1,tracelog=d:2'), '127.0.0.1')['tracestate']).toBe('a=1,tracelog=d:2')
  })
})

test.each([
  ['a stranger', 'api.example.com'],
  ['nobody knows whom', undefined],
])('%s gets no path, and it takes no number', (_, host) => {
  const { context, task } = inTask('3', 'tracelog=p:9')
  expect(sent(context, host)).toEqual({ traceparent: TRACEPARENT })
  expect(task.last).toBe(0)
})

describe('the environment of a child', () => {
  const stale = ['PATH=/bin', 'TRACELOG_TASK=9/9', 'TRACEPARENT=stale']

  test('has the next number of the task, in place of what stood there', () => {
    const { context, task } = inTask('3/2')
    const pairs = withContext(stale, context, { propagator })
    expect(pairs).toEqual(['PATH=/bin', `TRACEPARENT=${TRACEPARENT}`, 'TRACELOG_TASK=3/2/1'])
    expect(task).toMatchObject({ last: 1, unsent: 1 })
    expect(stale).toContain('TRACELOG_TASK=9/9')
  })

  test.each(['', '1/'.repeat(127) + '1'])('has no path where there is none that may travel', (path) => {
    const context = path === '' ? trace.setSpan(ROOT_CONTEXT, new Task({ path }).span) : inTask(path).context
    expect(withContext(stale, context, { propagator })).toEqual(['PATH=/bin', `TRACEPARENT=${TRACEPARENT}`])
  })

  test('is what the application gives it, outside of any trace', () => {
    expect(withContext(stale, ROOT_CONTEXT, { propagator })).toBeUndefined()
  })

  test('has no path where no trace goes with it', () => {
    const { context, task } = inTask('3')
    const none = createPropagator({ trustedPeers: createTrustedPeers(), names: ['baggage'] })
    expect(withContext(['A=1'], context, { propagator: none })).toBeUndefined()
    expect(task.last).toBe(0)
  })

  test('gets none of what this process inherited and is over with', () => {
    const env = { TRACEPARENT, TRACELOG_TASK: '3/2', OTHER: 'x' }
    const inherited = contextOfEnvironment(env, propagator)
    inherited.end()
    const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    expect(withContext(pairs, ROOT_CONTEXT, { propagator, inherited })).toEqual(['OTHER=x'])
  })
})

describe('a process that was started in a task', () => {
  test('hangs below it, with numbers of its own', () => {
    const context = contextOfEnvironment({ TRACEPARENT, TRACELOG_TASK: '3/2' }, propagator).active()
    expect(trace.getSpanContext(context)).toMatchObject({ traceId: TRACE, spanId: SPAN, isRemote: true })
    expect([takeTaskPath(context), takeTaskPath(context)]).toEqual(['3/2/1', '3/2/2'])
  })

  test('hangs nowhere without a trace', () => {
    expect(contextOfEnvironment({ TRACELOG_TASK: '3/2' }, propagator).active()).toBe(ROOT_CONTEXT)
  })

  test('keeps its trace where the path is none', () => {
    for (const path of ['', '3.2', '/', 'x'.repeat(100_000)]) {
      const context = contextOfEnvironment({ TRACEPARENT, TRACELOG_TASK: path }, propagator).active()
      expect(trace.getSpanContext(context)?.traceId).toBe(TRACE)
      expect(taskNodeOf(context)).toBeUndefined()
    }
  })

  test('reads any text without an error', () => {
    for (const text of MALFORMED_TOKENS.filter((one) => typeof one === 'string')) {
      expect(withForeignTask(ROOT_CONTEXT, text)).toBe(ROOT_CONTEXT)
      contextOfEnvironment({ TRACEPARENT: text, TRACELOG_TASK: text }, propagator)
    }
  })
})
