/** Whatever records say, answers keep it between their marks, visible and without links. */
import { describe, expect, test } from 'vitest'

import { CLOSE_MARK, OPEN_MARK } from '../../src/mcp/fence.ts'
import type { RunDiff, RunRow, TraceTree } from '../../src/model/api.ts'
import { EXAMPLE, logRow } from '../cli/rows.ts'
import { INJECTIONS, OBEYED, RENDERED } from './injection-corpus.ts'
import { askingOf, holding, requestRow } from './kit.ts'

/** The text wherever a record can have one: body, keys, values, names of services, errors, paths. */
function infested(text: string): { readonly ask: ReturnType<typeof askingOf>; readonly tree: TraceTree } {
  const fields = { [text]: text, plain: text, list: [text], nested: { [text]: text } }
  const error = { type: text, message: text, stack: `${text}\n    at ${text} (a.ts:1:1)`, causes: [text] }
  const tree: TraceTree = {
    ...EXAMPLE,
    sentence: text,
    services: [text],
    rows: EXAMPLE.rows.map((row) => ({ ...row, service: text, name: text, message: text, level: text, fields, error })),
  }
  const slower = {
    ...tree,
    trace_id: 'c'.repeat(32),
    rows: tree.rows.map((one, i) => ({ ...one, took_ms: 500, status: text, name: `${text} ${'abc'[i % 3]}` })),
  }
  const row = logRow({ message: text, service: text, level: text, trace_id: EXAMPLE.trace_id, ...fields })
  const other = logRow({ ...row, _id: '2', observed_ns: '2', message: 'other' })
  const request = requestRow({
    path: text,
    method: text,
    route: text,
    services: [text],
    error_type: text,
    error_message: text,
  })
  const run: RunRow = {
    id: text,
    name: text,
    revision: text,
    started_at: EXAMPLE.started_at,
    ended_at: EXAMPLE.started_at,
    services: [text],
    logs: 1,
    requests: 1,
    errors: 1,
  }
  const runDiff: RunDiff = {
    a: run,
    b: run,
    sentence: text,
    patterns: [{ change: 'added', pattern: '1a2b3c4d', example: text, level: text, service: text, count: 1 }],
    routes: [{ change: 'slower', service: text, route: text, before_ms: 1, after_ms: 9, before: 3, after: 3 }],
    errors: [
      {
        key: '1a2b3c4d',
        type: text,
        message: text,
        frame: text,
        count: 1,
        first_at: EXAMPLE.started_at,
        last_at: EXAMPLE.started_at,
        services: [text],
        routes: [text],
        spark: [],
      },
    ],
  }
  const held = { logs: [row, other], requests: [request], trees: [tree, slower], runs: [run], runDiff }
  return { ask: askingOf(holding(held)), tree }
}

const CALLS: readonly (readonly [tool: string, given: Readonly<Record<string, unknown>>])[] = [
  ['overview', {}],
  ['requests', {}],
  ['requests', { sort: 'failed' }],
  ['requests', { sort: 'slowest' }],
  ['describe_request', { id: EXAMPLE.trace_id }],
  ['describe_request', { id: EXAMPLE.trace_id, budget: 200 }],
  ['compare', { a: EXAMPLE.trace_id }],
  ['compare', { a: EXAMPLE.trace_id, b: 'cccccccc', budget: 200 }],
  ['compare', { a: 'run:prev' }],
  ['patterns', { new_since: '1h' }],
  ['logs', {}],
  ['logs', { around: 'r1' }],
  ['fields', {}],
  ['count', { by: 'message' }],
  ['count', { per: 'service' }],
  ['wait_for', { q: 'x' }],
]

describe.each(INJECTIONS)('%j', (text) => {
  const { ask } = infested(text)

  test.each(CALLS)('stays between the marks of %s %o', async (tool, given) => {
    const answer = await ask.text(tool, { ...given })
    expect(answer.match(OBEYED)).toBeNull()
    expect(answer.match(RENDERED)).toBeNull()
    const lines = answer.split('\n')
    expect(answer.split(OPEN_MARK)).toHaveLength(2)
    expect(answer.split(CLOSE_MARK)).toHaveLength(2)
    const [from, to] = [lines.indexOf(OPEN_MARK), lines.indexOf(CLOSE_MARK)]
    expect(from).toBeGreaterThanOrEqual(0)
    expect(to).toBeGreaterThan(from)
    const outside = [...lines.slice(0, from), ...lines.slice(to + 1)].join('\n')
    // Shorter ones may be words of ours.
    expect(text.length >= 12 && outside.includes(text)).toBe(false)
  })

  test('is JSON between the marks, one row a line', async () => {
    const answer = await ask.text('logs', { format: 'json' })
    expect(answer.match(OBEYED)).toBeNull()
    const lines = answer.split('\n')
    const rows = lines.slice(lines.indexOf(OPEN_MARK) + 1, lines.indexOf(CLOSE_MARK))
    expect(rows.map((line) => (JSON.parse(line) as { message: string }).message)).toContain('other')
  })
})

test('a hint that names keys of records names them between the marks', async () => {
  const key = 'user.idd'
  const none = holding(
    { logs: [logRow({ [key]: 1 })] },
    {
      logs: ({ text = '' }) =>
        Promise.resolve({ logs: text === '' ? [logRow({ [key]: 1 })] : [], next_cursor: null, took_ms: 1 }),
    },
  )
  const answer = await askingOf(none).text('logs', { q: 'user.ids:1' })
  const lines = answer.split('\n')
  expect(lines.findIndex((line) => line.includes(key))).toBeGreaterThan(lines.indexOf(OPEN_MARK))
  expect(lines[0]).not.toContain(key)
})

test.each([
  ['session_id', 'abcd1234efgh5678'],
  ['authorization', 'Bearer abcdefghijklmnop'],
  ['cookie', 'sid=0123456789abcdef'],
  ['user.password', 'hunter2hunter2'],
])('the value of %s is hidden again', async (name, value) => {
  const { text } = askingOf(holding({ logs: [logRow({ [name]: value }), logRow({ [name]: value })] }))
  expect(await text('logs')).not.toContain(value)
  expect(await text('logs', { format: 'json' })).not.toContain(value)
  expect(await text('fields')).not.toContain(value)
  expect(await text('count', { by: name, format: 'json' })).not.toContain(value)
})
