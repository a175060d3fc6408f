import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { buildRequests, buildTree } from '../../src/tree/build-tree.ts'
import { taskTree } from '../../src/tree/task-tree.ts'
import { PLAIN_PAINT } from '../../src/tree/text/paint.ts'
import { renderTrace } from '../../src/tree/text/render-trace.ts'
import { renderTree } from '../../src/tree/text/render-tree.ts'
import type { TraceLog, TraceSpan } from '../../src/tree/trace-data.ts'
import type { LogWords, SpanWords } from './trace-builder.ts'
import { log, span, trace } from './trace-builder.ts'

interface TaskWords extends Omit<LogWords, 'event'> {
  readonly span: string
  readonly path: string
  readonly goal: string
}
const start = ({ path, goal, ...words }: TaskWords): TraceLog =>
  log({
    ...words,
    event: 'tracelog.task.start',
    body: goal,
    attributes: { 'tracelog.task.goal': goal, 'tracelog.task.path': path, ...words.attributes },
  })

interface EndWords extends TaskWords {
  readonly status?: string
  readonly last: number
  readonly unsent?: number
  readonly took: number
}
const end = ({ path, goal, status = 'succeeded', last, unsent = 0, took, ...words }: EndWords): TraceLog =>
  log({
    ...words,
    event: 'tracelog.task.end',
    severity: status === 'failed' ? 17 : 9,
    body: words.body ?? (status === 'failed' ? `FAILED ${goal}` : goal),
    attributes: {
      'tracelog.task.path': path,
      'tracelog.task.status': status,
      'tracelog.task.last': last,
      'tracelog.task.unsent': unsent,
      'tracelog.elapsed_ms': took,
      ...words.attributes,
    },
  })
const error = (message: string): { readonly [name: string]: string } => ({
  'exception.type': 'Error',
  'exception.message': message,
})
const line = (within: string, at: number, path: string, attributes = {}): TraceLog =>
  log({
    span: within,
    service: within === 'one' ? 'A' : 'B',
    at,
    body: 'line',
    attributes: { 'tracelog.task.path': path, ...attributes },
  })
const get = (path: string, status: number, failure = {}) => ({
  'http.request.method': 'GET',
  'url.path': path,
  'http.response.status_code': status,
  'tracelog.component': 'http_server',
  ...failure,
})

/** The example of the specification: A orders from B, whose second answer fails. */
const RECORDS: readonly TraceLog[] = [
  start({ span: 'order', service: 'A', at: 0, path: '1', goal: 'order of 3 items' }),
  start({ span: 'res1', service: 'A', at: 1, path: '2/1', goal: 'reserve' }),
  start({ span: 'take1', service: 'B', at: 3.1, path: '2/2/1/1', goal: 'take stock' }),
  end({ span: 'take1', service: 'B', at: 11.9, path: '2/2/1/3', goal: 'take stock', last: 3, unsent: 1, took: 8.8 }),
  log({
    span: 'got1',
    service: 'B',
    at: 12.1,
    event: 'tracelog.http.server.end',
    attributes: { ...get('/a', 200), 'tracelog.task.path': '2/2/2', 'tracelog.response_time_ms': 9.1 },
  }),
  end({ span: 'res1', service: 'A', at: 13, path: '2/3', goal: 'reserve', last: 3, unsent: 1, took: 12 }),
  start({ span: 'res2', service: 'A', at: 14, path: '3/1', goal: 'reserve' }),
  start({ span: 'take2', service: 'B', at: 16.2, path: '3/2/1/1', goal: 'take stock' }),
  line('take2', 17, '3/2/1/2', { 'tracelog.buffered': true }),
  line('take2', 18, '3/2/1/3', { 'tracelog.buffered': true }),
  end({
    span: 'take2',
    service: 'B',
    at: 27,
    path: '3/2/1/4',
    goal: 'take stock',
    status: 'failed',
    last: 4,
    unsent: 2,
    took: 10.8,
    attributes: error('no stock'),
  }),
  log({
    span: 'got2',
    service: 'B',
    at: 27.9,
    severity: 17,
    event: 'tracelog.http.server.end',
    attributes: {
      ...get('/fail', 500, { 'error.type': '500' }),
      'tracelog.task.path': '3/2/2',
      'tracelog.response_time_ms': 11.9,
    },
  }),
  end({
    span: 'res2',
    service: 'A',
    at: 28.4,
    path: '3/3',
    goal: 'reserve',
    status: 'failed',
    last: 3,
    unsent: 1,
    took: 14.4,
    attributes: error('B said 500'),
  }),
  end({ span: 'order', service: 'A', at: 41.2, path: '4', goal: 'order of 3 items', last: 4, took: 41.2 }),
]
const internal = (words: Omit<SpanWords, 'kind'>): TraceSpan => span({ ...words, kind: 'internal' })
const SPANS: readonly TraceSpan[] = [
  internal({ id: 'order', parent: '', service: 'A', from: 0, to: 41.2, name: 'order of %d items' }),
  internal({ id: 'res1', parent: 'order', service: 'A', from: 1, to: 13, name: 'reserve' }),
  span({ id: 'call1', parent: 'res1', service: 'A', kind: 'client', from: 2, to: 12.5, attributes: get('/a', 200) }),
  span({ id: 'got1', parent: 'call1', service: 'B', from: 3, to: 12.1, attributes: get('/a', 200) }),
  internal({ id: 'take1', parent: 'got1', service: 'B', from: 3.1, to: 11.9, name: 'take stock' }),
  internal({ id: 'res2', parent: 'order', service: 'A', from: 14, to: 28.4, name: 'reserve', failed: true }),
  span({
    id: 'call2',
    parent: 'res2',
    service: 'A',
    kind: 'client',
    from: 15,
    to: 28,
    attributes: get('/fail', 500),
    failed: true,
  }),
  span({
    id: 'got2',
    parent: 'call2',
    service: 'B',
    from: 16,
    to: 27.9,
    attributes: get('/fail', 500, { 'error.type': '500' }),
    failed: true,
  }),
  internal({ id: 'take2', parent: 'got2', service: 'B', from: 16.2, to: 27, name: 'take stock', failed: true }),
]

const LOOK = { paint: PLAIN_PAINT, columns: undefined }
const drawn = (...parts: readonly (TraceLog | TraceSpan)[]): string =>
  renderTree(taskTree(buildTree(trace(...parts))!), LOOK).join('\n')

const DRAWN = `
✔ order of 3 items                            41.2 ms  A
├ ✔ reserve                                   12.0 ms  A
│ └ ✔ GET /a 200                               9.1 ms  B
│   └ ✔ take stock                             8.8 ms  B   1 line below the level
└ ✖ reserve: B said 500                       14.4 ms  A
  └ ✖ GET /fail 500 → ✖ take stock: no stock  11.9 ms  B   2 recovered lines
`.trim()

describe('the tree of tasks across services', () => {
  test('is drawn as the specification has it, and the README', () => {
    expect(drawn(...RECORDS, ...SPANS)).toBe(DRAWN)
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(DRAWN)
  })

  test('is the same from records alone, which do not tell calls from lines', () => {
    expect(drawn(...RECORDS)).toBe(DRAWN.replace('1 line below the level', '1 not sent'))
  })

  test('is the same from spans alone, as far as these know', () => {
    expect(drawn(...SPANS)).toBe(
      `
✔ order of %d items  41.2 ms  A
├ ✔ reserve          12.0 ms  A
│ └ ✔ GET /a 200      9.1 ms  B
│   └ ✔ take stock    8.8 ms  B
└ ✖ reserve          14.4 ms  A
  └ ✖ GET /fail 500  11.9 ms  B
    └ ✖ take stock   10.8 ms  B
`.trim(),
    )
  })
})

const at = (name: string, path: string, goal: string, time: number): TraceLog =>
  start({ span: name, service: 'A', at: time, path, goal })

const served = (name: string, time: number, took: number): TraceLog =>
  log({
    span: name,
    service: 'A',
    at: time,
    event: 'tracelog.http.server.end',
    attributes: { ...get('/a', 200), 'tracelog.response_time_ms': took },
  })

describe('a task', () => {
  test.each<{ readonly is: string; readonly parts: readonly TraceLog[]; readonly lines: readonly string[] }>([
    {
      is: 'without an end is unfinished',
      parts: [at('one', '1', 'import', 0)],
      lines: ['… import  A   unfinished'],
    },
    {
      is: 'that runs shows how far it is, by its newest record',
      parts: [
        log({
          span: 'one',
          service: 'A',
          at: 9,
          event: 'tracelog.task.progress',
          body: 'import: 40 of 100',
          attributes: { 'tracelog.task.path': '3', 'tracelog.task.done': 40, 'tracelog.task.total': 100 },
        }),
        log({
          span: 'one',
          service: 'A',
          at: 5,
          event: 'tracelog.task.progress',
          body: 'import: 1 of 100',
          attributes: { 'tracelog.task.path': '2', 'tracelog.task.done': 1, 'tracelog.task.total': 100 },
        }),
        at('one', '1', 'import', 0),
      ],
      lines: ['… import  A   unfinished, 40 of 100'],
    },
    {
      is: 'that runs shows what is done where nobody knows the whole',
      parts: [
        at('one', '1', 'import', 0),
        log({
          span: 'one',
          service: 'A',
          at: 5,
          event: 'tracelog.task.progress',
          attributes: { 'tracelog.task.path': '2', 'tracelog.task.done': 7 },
        }),
      ],
      lines: ['… import  A   unfinished, 7 done'],
    },
    {
      is: 'that has ended no longer says how far it was',
      parts: [
        at('one', '1', 'import', 0),
        log({
          span: 'one',
          service: 'A',
          at: 5,
          event: 'tracelog.task.progress',
          attributes: { 'tracelog.task.path': '2', 'tracelog.task.done': 7 },
        }),
        end({ span: 'one', service: 'A', at: 9, path: '3', goal: 'import', last: 3, took: 9 }),
      ],
      lines: ['✔ import  9.0 ms  A'],
    },
    {
      is: 'without a start is missing one, and its end says what it can',
      parts: [
        end({
          span: 'one',
          service: 'A',
          at: 9,
          path: '3',
          goal: 'import',
          status: 'failed',
          last: 3,
          took: 9,
          attributes: error('no disk'),
        }),
      ],
      lines: ['✖ <missing>: import: no disk  9.0 ms  A   incomplete: 2 missing'],
    },
    {
      is: 'that only its children tell of is missing',
      parts: [at('root', '1', 'import', 0), at('leaf', '2/3/1', 'row 7', 5)],
      lines: [
        '… import          A   unfinished',
        '└ … <missing>     A   unfinished',
        '  └ … row 7       A   unfinished',
      ],
    },
    {
      is: 'whose child began below the level is complete without its start',
      parts: [
        at('root', '1', 'import', 0),
        end({
          span: 'leaf',
          service: 'A',
          at: 5,
          path: '2/2',
          goal: 'row 7',
          status: 'failed',
          last: 2,
          unsent: 1,
          took: 1,
          attributes: error('no'),
        }),
        end({ span: 'root', service: 'A', at: 9, path: '3', goal: 'import', last: 3, unsent: 1, took: 9 }),
      ],
      lines: ['✔ import                  9.0 ms  A', '└ ✖ <missing>: row 7: no  1.0 ms  A   1 not sent'],
    },
    {
      is: 'that succeeds tells its text, one that is cancelled and an orphan say so',
      parts: [
        start({
          span: 'one',
          service: 'A',
          at: 0,
          path: '1',
          goal: 'import',
          attributes: { 'tracelog.task.orphan': true },
        }),
        at('two', '2/1', 'read', 1),
        end({ span: 'two', service: 'A', at: 3, path: '2/2', goal: 'read', status: 'cancelled', last: 2, took: 2 }),
        end({ span: 'one', service: 'A', at: 9, path: '3', goal: 'import', body: '12 rows', last: 3, took: 9 }),
      ],
      lines: ['✔ import: 12 rows  9.0 ms  A   orphan', '└ ⊘ read           2.0 ms  A   cancelled'],
    },
    {
      is: 'counts what a dump brought as recovered, not as what was sent',
      parts: [
        at('one', '1', 'import', 0),
        line('one', 1, '2', { 'tracelog.buffered': true }),
        end({ span: 'one', service: 'A', at: 9, path: '4', goal: 'import', last: 4, unsent: 1, took: 9 }),
      ],
      lines: ['✔ import  9.0 ms  A   incomplete: 1 missing, 1 recovered line'],
    },
    {
      is: 'does not count what came after its end',
      parts: [
        at('one', '1', 'import', 0),
        end({ span: 'one', service: 'A', at: 9, path: '3', goal: 'import', last: 3, took: 9 }),
        line('one', 10, '4', { 'tracelog.task.late': true }),
      ],
      lines: ['✔ import  9.0 ms  A   incomplete: 1 missing, 1 line after its end'],
    },
    {
      is: 'that another service names by the same number is not one of its own',
      parts: [
        at('one', '1', 'import', 0),
        start({ span: 'two', service: 'B', at: 1, path: '2/1', goal: 'stock' }),
        end({ span: 'two', service: 'B', at: 3, path: '2/2', goal: 'stock', last: 2, took: 2 }),
        end({ span: 'one', service: 'A', at: 9, path: '3', goal: 'import', last: 3, took: 9 }),
      ],
      lines: ['✔ import   9.0 ms  A   incomplete: 1 missing', '└ ✔ stock  2.0 ms  B'],
    },
    {
      is: 'begun twice from one token stands twice below the same number',
      parts: [
        at('one', '1', 'import', 0),
        start({ span: 'two', service: 'B', at: 1, path: '2/1', goal: 'job, attempt 1' }),
        end({
          span: 'two',
          service: 'B',
          at: 2,
          path: '2/2',
          goal: 'job, attempt 1',
          status: 'failed',
          last: 2,
          took: 1,
          attributes: error('no'),
        }),
        start({ span: 'three', service: 'B', at: 5, path: '2/1', goal: 'job, attempt 2' }),
        end({ span: 'three', service: 'B', at: 6, path: '2/2', goal: 'job, attempt 2', last: 2, took: 1 }),
        end({ span: 'one', service: 'A', at: 9, path: '3', goal: 'import', last: 3, unsent: 1, took: 9 }),
      ],
      lines: [
        '✔ import                  9.0 ms  A',
        '├ ✖ job, attempt 1: no    1.0 ms  B',
        '└ ✔ job, attempt 2        1.0 ms  B',
      ],
    },
    {
      is: 'stands by its number, whatever its clock says',
      parts: [
        at('one', '1', 'import', 0),
        at('late', '3/1', 'second', 1),
        at('early', '2/1', 'first', 2),
        at('tenth', '10/1', 'tenth', 0.5),
      ],
      lines: [
        '… import      A   unfinished',
        '├ … first     A   unfinished',
        '├ … second    A   unfinished',
        '└ … tenth     A   unfinished',
      ],
    },
    {
      is: 'of a request that no task called hangs below it by its time, for the request has no path',
      parts: [
        start({ span: 'one', service: 'A', at: 2, path: '1/1', goal: 'read' }),
        end({ span: 'one', service: 'A', at: 3, path: '1/2', goal: 'read', last: 2, took: 1 }),
        served('web1', 5, 4),
        start({ span: 'two', service: 'A', at: 12, path: '1/1', goal: 'read' }),
        start({ span: 'three', service: 'A', at: 13, path: '2/1', goal: 'write' }),
        served('web2', 15, 4),
      ],
      lines: [
        '✔ GET /a 200  4.0 ms  A',
        '└ ✔ read      1.0 ms  A',
        '✔ GET /a 200  4.0 ms  A',
        '├ … read      A   unfinished',
        '└ … write     A   unfinished',
      ],
    },
    {
      is: 'with a path that cannot be read stands by its span alone',
      parts: [at('one', '1//x', 'import', 0), at('two', `1/${'9/'.repeat(200)}1`, 'other', 1)],
      lines: ['… import  A   unfinished', '… other   A   unfinished'],
    },
  ])('$is', ({ parts, lines }) => {
    expect(withoutGaps(drawn(...parts))).toEqual(lines.map(withoutGap))
  })

  test('shows text from outside, and does not obey it', () => {
    const hostile = 'im\u001b[31mport\u202e\nrows'
    const text = drawn(at('one', '1', hostile, 0))
    expect(text).toBe('… im\\x1b[31mport\\u202e\\nrows    A   unfinished')
  })

  test('that failed in a job stands below it, which says with what and which attempt it was', () => {
    const failed = { 'messaging.system': 'bullmq', 'tracelog.attempt': 2, 'error.type': 'TypeError' }
    const job = span({
      id: 'job',
      service: 'A',
      kind: 'consumer',
      from: 0,
      to: 9,
      name: 'process mails',
      failed: true,
      attributes: failed,
    })
    const task = end({
      span: 'one',
      service: 'A',
      at: 8,
      path: '1/2',
      goal: 'send',
      status: 'failed',
      last: 2,
      took: 7,
      attributes: error('full'),
    })
    const begun = start({ span: 'one', service: 'A', at: 1, path: '1/1', goal: 'send' })
    expect(
      withoutGaps(
        drawn(job, begun, task, internal({ id: 'one', parent: 'job', service: 'A', from: 1, to: 8, name: 'send' })),
      ),
    ).toEqual(['✖ process mails: TypeError  9.0 ms  A  attempt 2', '└ ✖ send: full  7.0 ms  A'])
  })

  test('that is quiet ends with its span', () => {
    const own = internal({ id: 'one', parent: '', service: 'A', from: 0, to: 9, name: 'import' })
    expect(drawn(at('one', '1', 'import 7', 0), own)).toBe('✔ import 7  9.0 ms  A')
  })

  test('is cut to the width of a terminal, with its notes', () => {
    const lines = renderTree(taskTree(buildTree(trace(at('one', '1', 'import '.repeat(30), 0)))!), {
      ...LOOK,
      columns: 60,
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^… import import .*…\s+A {3}unfinished$/u)
    expect(lines[0]!.length).toBeLessThanOrEqual(60)
  })
})

describe('tracelog trace', () => {
  const NOW = new Date('2026-11-21T18:00:00Z')
  const rows = (...parts: readonly (TraceLog | TraceSpan)[]): string[] =>
    renderTrace(buildTree(trace(...parts))!, { ...LOOK, now: NOW })
      .slice(4)
      .map((row) =>
        row
          .replace(/^ *[\d.]* +/, '')
          .replace(/ +(?:[\d.…]+ +)?▕.*$/u, '')
          .replace(/ {9,}(?=recovered)/u, '  '),
      )

  test('has tasks as nodes, whose lines say nothing of paths', () => {
    expect(rows(...RECORDS, ...SPANS)).toEqual([
      'A        ▾ order of 3 items  succeeded',
      'A        │ ▾ reserve  succeeded',
      '│ ┊ 1.0 ms between A and B (clocks agree within 0.6 ms)',
      'B        │ │ ▾ GET /a  200',
      'B        │ │ │ take stock  succeeded  1 line below the level',
      'A        │ ▾ reserve  failed  Error: B said 500',
      '│ ┊ 1.0 ms between A and B (clocks agree within 0.6 ms)',
      'B        │ │ ▾ GET /fail  500',
      'B        │ │ │ ▾ take stock  failed  Error: no stock',
      'B        │ │ │ │ I line  recovered',
      'B        │ │ │ │ I line  recovered',
    ])
  })

  test('says what is unusual of a task, and tells the trace by its root task', () => {
    const tree = buildTree(trace(at('one', '1', 'import', 0), line('one', 3, '3')))!
    expect(tree.sentence).toBe('import → still running.')
    expect(rows(at('one', '1', 'import', 0), line('one', 3, '3'))).toEqual([
      'A        ▾ import  unfinished',
      'A        │ I line',
    ])
    const done = buildTree(trace(...RECORDS))!
    expect(done).toMatchObject({ sentence: 'order of 3 items → succeeded in 41.2 ms.', outcome: 'ok' })
  })
})

/** Columns are as wide as their texts; here only the texts count. */
const withoutGap = (text: string): string =>
  text.replace(/ {2,}(?=\S)/g, (gap, place: number) => (place === 0 ? gap : '  '))
const withoutGaps = (text: string): string[] => text.split('\n').map(withoutGap)

describe('as rows of requests', () => {
  const job = [
    start({ span: 'job', service: 'A', at: 0, path: '1', goal: 'close the month' }),
    start({ span: 'part', service: 'A', at: 1, path: '1/1', goal: 'sum up' }),
    end({ span: 'part', service: 'A', at: 5, path: '1/1', goal: 'sum up', last: 1, took: 4 }),
  ]
  const ended = end({
    span: 'job',
    service: 'A',
    at: 9,
    path: '1',
    goal: 'close the month',
    status: 'failed',
    last: 2,
    took: 9,
  })

  test('a task without a request above it is one, what is within it is none', () => {
    expect(buildRequests(trace(...job, ended))).toMatchObject([
      { path: 'close the month', outcome: 'error', duration_ms: 9 },
    ])
  })

  test('one that has not ended still runs', () => {
    expect(buildRequests(trace(...job))).toMatchObject([
      { path: 'close the month', outcome: 'running', duration_ms: null },
    ])
  })

  test('a request that it caused stays one of its own', () => {
    const request = span({
      id: 'in',
      parent: 'job',
      service: 'B',
      kind: 'server',
      from: 2,
      to: 4,
      attributes: get('/stock', 200),
    })
    expect(buildRequests(trace(...job, ended, request)).map(({ path }) => path)).toEqual(['close the month', '/stock'])
  })

  test('a task of a request is none', () => {
    const request = span({ id: 'in', service: 'A', kind: 'server', from: 0, to: 20, attributes: get('/close', 200) })
    const within = start({ span: 'in', service: 'A', at: 1, path: '1', goal: 'sum up' })
    expect(buildRequests(trace(request, within)).map(({ path }) => path)).toEqual(['/close'])
  })
})
