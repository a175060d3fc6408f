/**
 * The contract of LogSource (src/sources/log-source.ts) as a suite: every source answers the same questions alike, and says of
 * the rest that it is not supported.
 */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { LogRow, RequestRow } from '../../src/model/api.ts'
import { isErrorType } from '../../src/model/error-row.ts'
import { patternOfRow, patternOfText, patternText } from '../../src/model/pattern.ts'
import { rowId } from '../../src/model/log-row.ts'
import { compileMatcher } from '../../src/query-text/match.ts'
import type { Capability, LogSource, LogsQuery } from '../../src/sources/log-source.ts'
import { lateRecord, sourceData, type SourceData } from './source-data.ts'
import { drawn, sourceTasks } from './source-tasks.ts'

export interface SourceHarness {
  readonly source: LogSource
  /** Where OTLP/HTTP goes in. */
  readonly otlpUrl: string
  stop(): Promise<void>
}

export interface ContractOptions {
  /** Random expressions that are asked. */
  readonly runs: number
  /** Long queries that it must take. Characters; default 10,000. */
  readonly lengths?: readonly number[]
  /** How long a wait may take. Milliseconds. */
  readonly patience: number
}

const bodies = (rows: readonly LogRow[]): string[] => rows.map(({ message }) => message)

const CART_PATTERN = patternText(patternOfText('cart lookup #100'))

/** Query texts, told by what they must find: the in-memory definition says which records those are. */
const TEXTS: readonly string[] = [
  '',
  'timeout',
  'CART',
  '"disk almost full (91%)"',
  String.raw`"said \"hi\" \\ back"`,
  'größe',
  'up*out',
  '"a*b"',
  'service:api',
  'service!=api',
  'service:w*',
  '-service:api',
  'level>=warn',
  'level:debug OR level:error',
  'level!=info',
  'path:/api/*',
  'path:"/ünïcode/\\"quoted\\""',
  'path!=/health',
  '-path:/health',
  'url.path:/health',
  'status>=500',
  'status:200 OR status:204',
  'status!=200',
  'status:5*',
  '-(status>=500 OR status:404)',
  'took>250ms',
  'response_time_ms<=12',
  'cache_hit:true',
  '-cache_hit:true',
  'user_id:42',
  'name:ada',
  'name!=ada -name:gr*',
  'user_id>10',
  'instance:api-1 level:error',
  'service.version:1.2.3 timeout',
  'service.namespace:nothing',
  'logger:winston cart',
  'event:tracelog.lb.end',
  'event:tracelog.*',
  'upstream:127.0.0.1:3001',
  'retries:1',
  'span:00*',
  'span!=00*',
  'trace!=4bf9',
  'error_type:TypeError',
  'error_type:500 component:load_balancer',
  'missing:1',
  `pattern:${CART_PATTERN}`,
  `-pattern:${CART_PATTERN} level:error`,
  `pattern!=${CART_PATTERN}`,
  'missing!=1',
  'timeout OR status:404 OR -level:info',
  '-timeout',
  '-"user said" -größe -disk*full',
  '-(timeout OR status:404)',
  '-(cart -status:404)',
  'service:api (cart OR timeout) -status:500',
  'lb.end',
  // Text that would be LogQL or SQL if it were not quoted.
  String.raw`"\") or service_name=~\".+\" #"`,
  String.raw`service:"api\"} |= \"" OR service:"x\\"`,
  "path:\"/health' OR '1'='1\"",
  'path:*`*',
  'json:x OR unwrap:y OR by:z',
]

export function sourceContract(open: () => Promise<SourceHarness>, options: ContractOptions): void {
  let harness: SourceHarness
  let data: SourceData
  const ask = async (query: LogsQuery): Promise<LogRow[]> => [
    ...(await harness.source.logs({ limit: 5_000, ...query })).logs,
  ]
  const whole = (): LogsQuery => ({ since: String(data.start), until: String(data.start + 60_000_000_000n) })

  beforeAll(async () => {
    harness = await open()
    data = sourceData(Date.now() - 120_000)
    await post('v1/traces', data.tracesRequest)
    await post('v1/logs', data.logsRequest)
    const { source } = harness
    await vi.waitFor(
      async () => {
        const { logs } = await source.logs({ ...whole(), limit: 5_000 })
        expect(logs.length).toBe(data.sent.length)
        expect((await source.trace(data.traceId))?.counts.spans).toBe(3)
      },
      { timeout: options.patience, interval: 100 },
    )
  })
  afterAll(async () => await harness.stop())

  async function post(path: string, body: string): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${harness.otlpUrl}/${path}`, { method: 'POST', headers, body })
    expect(response.status).toBe(200)
  }

  describe('logs', () => {
    test('come back as flat rows, with their times to the nanosecond', async () => {
      const [row] = await ask({ ...whole(), text: 'event:tracelog.lb.end' })
      const { _id: id, observed_ns: observed, ...fields } = row!
      expect(id).not.toBe('')
      expect(BigInt(observed) - BigInt(fields.time_ns)).toBe(10n)
      const { _id: _, observed_ns: _o, ...expected } = data.rows.at(-1)!
      expect(fields).toEqual(expected)
    })

    test.each(TEXTS)('%j finds what the query language says', async (text) => {
      const matches = compileMatcher(text)
      const expected = bodies(data.rows.filter(matches))
      expect(bodies(await ask({ ...whole(), text })).toSorted()).toEqual(expected.toSorted())
    })

    test.each(options.lengths ?? [10_000])(
      'a query of %i characters finds what the query language says',
      async (length) => {
        const words = Array.from({ length: length / 500 }, (_, i) => `"no such text ${'-'.repeat(470)} ${i + 1_000}"`)
        for (const text of [`${words.join(' OR ')} OR timeout`, `(${words.join(' OR ')} OR timeout) service:api`]) {
          const expected = bodies(data.rows.filter(compileMatcher(text)))
          expect(bodies(await ask({ ...whole(), text })).toSorted()).toEqual(expected.toSorted())
        }
      },
    )

    test('any expression finds what the query language says', async () => {
      await fc.assert(
        fc.asyncProperty(expressions(), async (text) => {
          const expected = bodies(data.rows.filter(compileMatcher(text)))
          expect(bodies(await ask({ ...whole(), text })).toSorted()).toEqual(expected.toSorted())
        }),
        { numRuns: options.runs },
      )
    })

    test.each(['asc', 'desc'] as const)('are the same in pages and at once, in order %s', async (order) => {
      for (const text of ['', 'status:5*', 'timeout OR cache_hit:true']) {
        const all = await ask({ ...whole(), text, order })
        const times = all.map((row) => BigInt(row.time_ns))
        expect(times).toEqual(times.toSorted((a, b) => Number(order === 'asc' ? a - b : b - a)))
        const paged: string[] = []
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = await harness.source.logs({
            ...whole(),
            text,
            order,
            limit: 7,
            ...(cursor === undefined ? {} : { cursor }),
          })
          expect(page.logs.length).toBeLessThanOrEqual(7)
          paged.push(...page.logs.map(rowId))
          cursor = page.next_cursor
        }
        expect(paged).toEqual(all.map(rowId))
        expect(new Set(paged).size).toBe(paged.length)
      }
    })

    test('are of the time that was asked for: from included, until excluded', async () => {
      const from = data.start + 1_000_000_000n
      const until = data.start + 3_000_000_000n
      const expected = bodies(
        data.rows.filter(({ time_ns: time }) => BigInt(time) >= from && BigInt(time) < until),
      ).toSorted()
      expect(bodies(await ask({ since: String(from), until: String(until) })).toSorted()).toEqual(expected)
      expect(bodies(await ask({ text: `since:${from} until:${until}` })).toSorted()).toEqual(expected)
      expect(await ask({ since: new Date(Number(until / 1_000_000n)).toISOString(), until: String(from) })).toEqual([])
    })

    test.each([{ limit: 0 }, { limit: 5_001 }, { cursor: 'nonsense' }, { since: 'yesterday' }])(
      '%j is refused',
      async (query) => {
        await expect(harness.source.logs(query)).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
      },
    )

    test('a query that does not parse is refused with its column', async () => {
      await expect(harness.source.logs({ text: 'status>=many' })).rejects.toMatchObject({
        code: 'TRACELOG_QUERY_SYNTAX',
        at: 8,
      })
    })
  })

  describe('counts, where it has them,', () => {
    const texts = ['', 'timeout OR level:error', 'service:api -status:404', 'no-such-word']
    const empty = {
      histogram: () => harness.source.histogram({}),
      facets: () => harness.source.facets({ fields: ['path'] }),
      patterns: () => harness.source.patterns({}),
      errors: () => harness.source.errors({}),
      fields: () => harness.source.fields({}),
    }
    /** A source without it refuses any question of that kind. */
    const countsOf = (name: string, capability: keyof typeof empty, run: () => Promise<void>): void => {
      test(`of ${name}`, async () => {
        const isThere = harness.source.capabilities.has(capability)
        if (isThere) await run()
        const asking = isThere ? Promise.resolve() : (async () => await empty[capability]())()
        const answer = await asking.catch((error: unknown) => (error as { code: unknown }).code)
        expect(answer).toBe(isThere ? undefined : 'TRACELOG_NOT_SUPPORTED')
      })
    }

    countsOf('records over time add up to the records that match', 'histogram', async () => {
      for (const text of texts) {
        const { series } = await harness.source.histogram({ ...whole(), text })
        const counts = Object.entries(series).map(([level, list]) => [
          level,
          list.reduce((sum, count) => sum + count, 0),
        ])
        const found = Map.groupBy(data.rows.filter(compileMatcher(text)), ({ level }) => level)
        expect(new Map(counts as [string, number][])).toEqual(
          new Map([...found].map(([level, rows]) => [level, rows.length])),
        )
      }
    })

    countsOf('values are those of the records that match', 'facets', async () => {
      for (const text of texts) {
        const { facets, missing } = await harness.source.facets({
          ...whole(),
          text,
          fields: ['path', 'cache_hit'],
          limit: 100,
        })
        const rows = data.rows.filter(compileMatcher(text))
        for (const key of ['path', 'cache_hit']) {
          const having = Map.groupBy(
            rows.filter((row) => row[key] !== undefined),
            (row) => JSON.stringify(row[key]),
          )
          const counts = new Map(
            facets[key]!.map(({ value, count }) => [key === 'path' ? JSON.stringify(value) : value, count]),
          )
          expect(counts).toEqual(new Map([...having].map(([value, same]) => [value, same.length])))
          expect(missing[key]).toBe(rows.filter((row) => row[key] === undefined).length)
        }
      }
    })

    countsOf('patterns are those of the records that match, and a pattern finds them', 'patterns', async () => {
      for (const text of texts) {
        const { patterns } = await harness.source.patterns({ ...whole(), text, limit: 500 })
        const found = Map.groupBy(data.rows.filter(compileMatcher(text)), (row) => patternText(patternOfRow(row)))
        expect(new Map(patterns.map(({ pattern, count }) => [pattern, count]))).toEqual(
          new Map([...found].map(([pattern, rows]) => [pattern, rows.length])),
        )
        for (const { spark, count } of patterns) expect(spark.reduce((sum, part) => sum + part, 0)).toBe(count)
      }
    })

    countsOf('patterns mark what was never written before', 'patterns', async () => {
      const marked = async (newSince: bigint): Promise<boolean[]> => {
        const { patterns } = await harness.source.patterns({ ...whole(), newSince: String(newSince) })
        return [...new Set(patterns.map((row) => row.new === true))]
      }
      expect(await marked(data.start)).toEqual([true])
      expect(await marked(data.start + 60_000_000_000n)).toEqual([false])
    })

    countsOf('errors are those of the records that match, and a pattern finds them', 'errors', async () => {
      for (const text of ['', 'service:web', 'no-such-word']) {
        const { errors } = await harness.source.errors({ ...whole(), text })
        const found = Map.groupBy(
          data.rows.filter(compileMatcher(text)).filter(({ error_type: type }) => isErrorType(type)),
          (row) => patternText(patternOfRow(row)),
        )
        const tracesOf = (rows: readonly LogRow[]): number =>
          new Set(rows.map((row) => row.trace_id ?? rowId(row))).size
        expect(new Map(errors.map(({ key, count }) => [key, count]))).toEqual(
          new Map([...found].map(([key, rows]) => [key, tracesOf(rows)])),
        )
      }
      const { errors } = await harness.source.errors({ ...whole(), text: `trace:${data.traceId}` })
      expect(errors.length).toBeGreaterThan(0)
      for (const { newest_trace: newest, spark, count } of errors) {
        expect(newest).toBe(data.traceId)
        expect(spark.reduce((sum, part) => sum + part, 0)).toBe(count)
      }
    })

    countsOf('requests know how they ended', 'histogram', async () => {
      const { series } = await harness.source.histogram({ ...whole(), of: 'requests', text: `trace:${data.traceId}` })
      expect(Object.values(series['error']!).reduce((sum, count) => sum + count, 0)).toBe(1)
      await expect(harness.source.histogram({ by: 'outcome' })).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
    })

    countsOf('keys begin with what was typed', 'fields', async () => {
      const { fields } = await harness.source.fields({ prefix: 'CACHE_H' })
      expect(fields.find(({ key }) => key === 'cache_hit')).toMatchObject({ type: 'boolean' })
      expect(fields.every(({ key }) => key.startsWith('cache_h'))).toBe(true)
    })
  })

  describe('a trace', () => {
    test('is a tree of records and spans, by its id or the beginning of it', async () => {
      const tree = await harness.source.trace(data.traceId)
      expect(await harness.source.trace(data.traceId.slice(0, 12).toUpperCase())).toEqual(tree)
      expect(tree).toMatchObject({
        trace_id: data.traceId,
        outcome: 'error',
        duration_ms: 40,
        services: ['lb', 'api'],
        counts: { spans: 3, inferred: 0, logs: 2, errors: 1, recovered: 0 },
      })
      expect(tree!.sentence).toBe(
        'GET /api/cart → 500 in 40.0 ms: TypeError: cart is undefined in api, 25.0 ms into the request.',
      )
      expect(tree!.rows.map(({ kind, depth, at_ms: at, message }) => [kind, depth, at, message])).toEqual([
        ['span', 0, 0, undefined],
        ['gap', 1, 2, '4.0 ms between lb and api'],
        ['span', 1, 6, undefined],
        ['log', 2, 12, 'cart lookup #100'],
        ['log', 2, 25, 'cart is undefined #101'],
      ])
      expect(tree!.rows[0]!.fields).toMatchObject({
        upstream: '127.0.0.1:3001',
        upstream_tried: ['127.0.0.1:3002', '127.0.0.1:3001'],
        retries: 1,
        status: 500,
      })
    })

    test('of tasks has all that their records say and count, and knows what is missing', async () => {
      // After all that the other questions ask for.
      const tasks = sourceTasks(data.twins[0].replace(/^.{8}/, '0fa57a5c'), data.start + 70_000_000_000n)
      await post('v1/logs', tasks.logsRequest)
      expect(tasks.drawn.join('\n')).toMatch(/1 missing[^]*unfinished, 40 of 100/)
      const seen = async (): Promise<readonly string[]> => drawn(await harness.source.trace(tasks.traceId))
      await expect.poll(seen, { timeout: options.patience }).toEqual(tasks.drawn)
    })

    test('that nobody knows is undefined', async () => {
      expect(await harness.source.trace('0123456789abcdef0123456789abcdef')).toBeUndefined()
    })

    test('is refused when the id is short, or fits several', async () => {
      await expect(harness.source.trace('4bf9')).rejects.toMatchObject({ code: 'TRACELOG_USAGE' })
      const prefix = data.twins[0].slice(0, 10)
      const error = await harness.source.trace(prefix).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'TRACELOG_USAGE' })
      expect((error as Error).message).toContain(data.twins[1])
    })
  })

  describe('comparing', () => {
    test('a request with itself shows no difference', async () => {
      const diff = await harness.source.diff(data.traceId, data.traceId.slice(0, 12))
      expect(diff).toMatchObject({ sentence: 'as fast', a: { trace_id: data.traceId }, b: { trace_id: data.traceId } })
      expect(diff!.rows.map(({ change, depth }) => [change, depth])).toEqual([
        ['same', 0],
        ['same', 1],
        ['same', 1],
        ['same', 2],
        ['same', 2],
      ])
    })

    test('has nothing to say of what nobody knows, and no good one where none went well', async () => {
      expect(await harness.source.diff(data.traceId, '0123456789abcdef0123456789abcdef')).toBeUndefined()
      expect(await harness.source.baseline(data.traceId)).toBeUndefined()
      expect(await harness.source.baseline('0123456789abcdef0123456789abcdef')).toBeUndefined()
    })
  })

  describe('requests', () => {
    const own = (rows: readonly RequestRow[]): RequestRow[] => rows.filter(({ trace_id: id }) => id === data.traceId)

    test('are one row per root request', async () => {
      const { requests } = await harness.source.requests(whole())
      expect(own(requests)).toMatchObject([
        {
          method: 'GET',
          path: '/api/cart',
          status: 500,
          outcome: 'error',
          duration_ms: 40,
          error_type: 'TypeError',
          error_message: 'cart is undefined',
          services: ['lb', 'api'],
        },
      ])
    })

    test('are those with a record that matches', async () => {
      const find = async (text: string): Promise<number> =>
        own((await harness.source.requests({ ...whole(), text })).requests).length
      expect(await find('"cart is undefined" level>=error')).toBe(1)
      expect(await find('no-such-word')).toBe(0)
    })
  })

  test('a tail shows what is written from now on, once, and only what matches', async () => {
    const ended = new AbortController()
    const opened = Promise.withResolvers<void>()
    const seen: string[] = []
    const text = 'service:late level>=warn late'
    const tail = (async () => {
      for await (const event of harness.source.tail(text, { signal: ended.signal, onOpen: opened.resolve })) {
        if (event.kind === 'log') seen.push(event.row.message)
      }
    })()
    await opened.promise
    await post('v1/logs', lateRecord(Date.now(), 'something else'))
    await post('v1/logs', lateRecord(Date.now(), 'late one'))
    await expect.poll(() => seen, { timeout: options.patience }).toEqual(['late one'])
    await post('v1/logs', lateRecord(Date.now(), 'late two'))
    await expect.poll(() => seen, { timeout: options.patience }).toEqual(['late one', 'late two'])
    ended.abort()
    await tail
    expect(seen).toEqual(['late one', 'late two'])
  })

  test('what it cannot do is not supported by it', async () => {
    const { source } = harness
    const calls: Readonly<Record<Capability, () => unknown>> = {
      logs: () => source.logs({ limit: 1 }),
      logsOtlp: () => source.logsOtlp({ limit: 1 }),
      logsAround: async () => {
        const { logs } = await source.logs({ limit: 1 })
        return await source.logsAround({ id: rowId(logs[0] as LogRow), before: 1, after: 1 })
      },
      services: () => source.services(),
      requests: () => source.requests({ limit: 1 }),
      trace: () => source.trace(data.traceId),
      diff: () => source.diff(data.traceId, data.traceId),
      baseline: () => source.baseline(data.traceId),
      runs: () => source.runs(1),
      diffRuns: () => source.diffRuns('last', 'last'),
      traceOtlp: () => source.traceOtlp(data.traceId),
      tail: () => source.tail('', { signal: AbortSignal.abort() }),
      histogram: () => source.histogram({ buckets: 10 }),
      facets: () => source.facets({ fields: ['service'] }),
      fields: () => source.fields({}),
      patterns: () => source.patterns({}),
      errors: () => source.errors({}),
      map: () => source.map({}),
      sql: () => source.sql('select 1'),
      status: () => source.status(),
    }
    const refused: string[] = []
    for (const [capability, call] of Object.entries(calls)) {
      const code = await (async () => await call())().then(
        () => undefined,
        (error: unknown) => (error as { code: unknown }).code,
      )
      expect(code, capability).toBeOneOf([undefined, 'TRACELOG_NOT_SUPPORTED'])
      if (code !== undefined) refused.push(capability)
    }
    expect(new Set(Object.keys(calls).filter((name) => !refused.includes(name)))).toEqual(source.capabilities)
  })
}

/** Query texts that parse, over the keys of the data; values that are there and values that are not. */
function expressions(): fc.Arbitrary<string> {
  const equals = fc.constantFrom(':', '=', '!=')
  const any = fc.constantFrom(':', '=', '!=', '>', '>=', '<', '<=')
  const term = fc.oneof(
    fc.constantFrom('timeout', 'CART', '"a*b"', 'c*d', '"#1"', 'größe', '(91%)'.replaceAll(/[()]/g, ''), 'tracelog'),
    fc.tuple(equals, fc.constantFrom('api', 'web', 'w*', 'nobody')).map(([op, v]) => `service${op}${v}`),
    fc.tuple(any, fc.constantFrom('debug', 'info', 'warn', 'error', 'fatal')).map(([op, v]) => `level${op}${v}`),
    fc
      .tuple(
        equals,
        fc.constantFrom(
          '/api/cart',
          '/api/*',
          '/health',
          '*quoted*',
          '/ün*',
          '*.*',
          String.raw`"/ünïcode/\"quoted\""`,
          '/api/c?rt',
        ),
      )
      .map(([op, v]) => `path${op}${v}`),
    fc.tuple(any, fc.constantFrom('200', '404', '500', '1e3')).map(([op, v]) => `status${op}${v}`),
    fc.tuple(any, fc.constantFrom('12', '250.25', '0.5', '1s')).map(([op, v]) => `response_time_ms${op}${v}`),
    fc.tuple(equals, fc.constantFrom('true', 'false')).map(([op, v]) => `cache_hit${op}${v}`),
    fc.tuple(any, fc.constantFrom('42', '7')).map(([op, v]) => `user_id${op}${v}`),
    fc.tuple(equals, fc.constantFrom('ada', 'a*', '*')).map(([op, v]) => `user_id${op}${v}`),
    fc.constantFrom(
      'event:tracelog.*',
      'missing:x',
      'missing!=x',
      'error_type:500',
      'retries>=1',
      'span:00*',
      'span!=00*',
      'trace!=00',
    ),
  )
  const { expression } = fc.letrec<{ expression: string; joined: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      term,
      term.map((text) => `-${text}`),
      tie('joined'),
      tie('joined').map((text) => `-${text}`),
    ),
    joined: fc
      .tuple(fc.constantFrom(' ', ' AND ', ' OR '), fc.array(tie('expression'), { minLength: 2, maxLength: 3 }))
      .map(([word, parts]) => `(${parts.join(word)})`),
  }))
  return expression
}
