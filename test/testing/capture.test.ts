/**
 * What `capture` sees, asked as a user's test asks: this file runs in vitest, with the built package, real winston and real requests.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'

import { SpanStatusCode, trace } from '@opentelemetry/api'
import { expectTypeOf } from 'expect-type'
import { afterEach, describe, expect, test } from 'vitest'
import winston from 'winston'

import type * as api from '../../src/index.ts'
import type * as testing from '../../src/testing.ts'

/** As users have it: the engine is a bundle beside it. */
const require = createRequire(import.meta.url)
const { capture, capturedOf } = require('../../dist/testing.js') as typeof testing
const { task, to } = require('../../dist/index.js') as typeof api

const tracer = trace.getTracer('shop')
const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] })

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

/** A server in this process. @returns its URL */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text()
}

const messages = ({ records }: testing.Captured) => records.map(({ message }) => message)

describe('a record', () => {
  test('is flat, as it leaves: secrets are hidden', async () => {
    const { records } = await capture(() => logger.warn('low stock', { item: 'lamp', password: 'hunter2' }))
    expect(records).toEqual([
      {
        level: 'WARN',
        message: 'low stock',
        body: 'low stock',
        attributes: { item: 'lamp', password: '[redacted]' },
        eventName: '',
        scope: 'winston',
        timestamp: expect.any(Date),
        severityNumber: 13,
        severityText: 'warn',
        traceId: '',
        spanId: '',
        isBelowLevel: false,
        isRecovered: false,
      },
    ])
    expect(Date.now() - records[0]!.timestamp.getTime()).toBeLessThan(60_000)
  })

  test.each([
    { options: {}, expected: [['INFO', false]] },
    {
      options: { level: 'debug' },
      expected: [
        ['DEBUG', true],
        ['INFO', false],
      ],
    },
    {
      options: { level: 'silly' },
      expected: [
        ['TRACE', true],
        ['DEBUG', true],
        ['INFO', false],
      ],
    },
  ] as const)('below the level is seen where it is asked for: $options', async ({ options, expected }) => {
    const { records } = await capture(() => {
      logger.silly('one')
      logger.debug('two')
      logger.info('three')
    }, options)
    expect(records.map(({ level, isBelowLevel }) => [level, isBelowLevel])).toEqual(expected)
  })

  test('that no transport takes is below each level', async () => {
    const silent = winston.createLogger({ transports: [new winston.transports.Stream({ stream, silent: true })] })
    expect(messages(await capture(() => silent.error('unseen')))).toEqual([])
    expect(messages(await capture(() => silent.error('seen'), { level: 'info' }))).toEqual(['seen'])
  })

  test('of a level that there is not is refused', async () => {
    const ask = capture(() => logger.info('never'), { level: 'loud' as 'info' })
    await expect(ask).rejects.toMatchObject({ code: 'TRACELOG_CONFIG_INVALID' })
  })
})

test('a span is flat, as it leaves', async () => {
  const { spans } = await capture(() =>
    tracer.startActiveSpan('outer', (outer) => {
      tracer.startSpan('inner', { attributes: { item: 'lamp' } }).end()
      outer.recordException(new RangeError('too many'))
      outer.setStatus({ code: SpanStatusCode.ERROR, message: 'too many' })
      outer.end()
    }),
  )
  const [outer] = spans
  expect(spans).toMatchObject([
    { name: 'outer', kind: 'internal', status: 'error', statusMessage: 'too many', parentSpanId: '', scope: 'shop' },
    { name: 'inner', kind: 'internal', status: 'unset', attributes: { item: 'lamp' }, parentSpanId: outer!.spanId },
  ])
  expect(outer!.events).toMatchObject([{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }])
  expect(outer!.durationMillis).toBeGreaterThanOrEqual(0)
})

describe('the function', () => {
  test.each([
    { name: 'a value', fn: (): number | Promise<number> => 42 },
    { name: 'a promise', fn: (): number | Promise<number> => Promise.resolve(42) },
  ])('that returns $name has its value handed on', async ({ fn }) => {
    const { value } = await capture(fn)
    expectTypeOf(value).toEqualTypeOf<number>()
    expect(value).toBe(42)
  })

  test.each([
    {
      name: 'throws',
      fn: (error: Error): unknown => {
        logger.info('before')
        throw error
      },
    },
    {
      name: 'rejects',
      fn: async (problem: Error): Promise<unknown> => {
        await Promise.resolve()
        logger.info('before')
        throw problem
      },
    },
  ])('that $name ends with the very error, which leads to what was captured', async ({ fn }) => {
    const error = new Error('no such item')
    await expect(capture(() => fn(error))).rejects.toBe(error)
    expect(messages(capturedOf(error)!)).toEqual(['before'])
    expect(Object.keys(error)).toEqual([])
  })

  test('may throw what is no object', async () => {
    await expect(
      capture(() => {
        // oxlint-disable-next-line typescript/only-throw-error -- some do
        throw 'no such item'
      }),
    ).rejects.toBe('no such item')
    expect(capturedOf('no such item')).toBeUndefined()
    expect(capturedOf(new Error('of nobody'))).toBeUndefined()
  })
})

test('what comes before and after belongs to nobody', async () => {
  logger.info('before')
  const late = Promise.withResolvers<void>()
  let ended: Promise<void> | undefined
  const seen = await capture(() => {
    logger.info('within')
    ended = late.promise.then(() => void logger.info('after'))
  })
  late.resolve()
  await ended
  expect(messages(seen)).toEqual(['within'])
})

describe('a request to a server of this process', () => {
  test('is seen whole, although the server was there before', async () => {
    const url = await serve((_request, response) => {
      logger.info('handling')
      response.end('ok')
    })
    const seen = await capture(() => get(`${url}/lamp?token=abc`))
    expect(messages(seen)).toEqual(['handling', 'GET /lamp 200'])
    expect(seen.spans.map(({ kind }) => kind)).toEqual(['client', 'server'])
    expect(seen.spans[1]!.attributes['url.query']).toBe('token=[redacted]')
    expect(seen.tree.outline).toBe('GET 200\n  INFO handling')
  })

  test('that fails brings its lines below the level, as it does elsewhere', async () => {
    const url = await serve((_request, response) => {
      logger.debug('looking')
      response.writeHead(500).end('no')
    })
    const { records, tree } = await capture(() => get(`${url}/lamp`))
    expect(records.filter(({ isRecovered }) => isRecovered).map(({ message }) => message)).toEqual(['looking'])
    expect(tree.roots[0]!.children[0]).toMatchObject({
      kind: 'log',
      level: 'DEBUG',
      name: 'looking',
      isRecovered: true,
    })
    expect(tree.text).toContain('looking')
    expect(tree.text).toContain('recovered')
  })

  test('that fails brings no line twice where they are asked for', async () => {
    const url = await serve((_request, response) => {
      logger.debug('looking')
      response.writeHead(500).end('no')
    })
    const { records } = await capture(() => get(`${url}/lamp`), { level: 'debug' })
    expect(records.map(({ message }) => message)).toEqual(['looking', '1 record kept below the level', 'GET /lamp 500'])
  })

  test('is waited for where it ends after its answer', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '2' })
      response.write('ok')
      // The client has all of it, and nobody has said that this is the end.
      setTimeout(() => response.end(), 100)
    })
    const { spans, records } = await capture(() => get(url), { settleMillis: 20_000 })
    expect(spans.map(({ kind }) => kind)).toEqual(['client', 'server'])
    expect(records.map(({ message }) => message)).toEqual(['GET / 200'])
  })
})

test('a span that nobody ends is waited for as long as was said, and its lines are in the tree', async () => {
  const { spans, tree } = await capture(
    () => {
      tracer.startActiveSpan('endless', () => logger.info('within'))
    },
    { settleMillis: 1 },
  )
  expect(spans).toEqual([])
  expect(tree.roots).toMatchObject([{ kind: 'span', isInferred: true, children: [{ name: 'within' }] }])
})

describe('captures', () => {
  test('at the same time do not see each other, in one trace and with one server', async () => {
    const url = await serve((request, response) => {
      logger.info(`serves ${request.url}`)
      // The later ones are answered first.
      setTimeout(() => response.end('ok'), request.url === '/0' ? 30 : 1)
    })
    const all = await tracer.startActiveSpan('suite', async (suite) => {
      const seen = await Promise.all(
        ['0', '1', '2'].map((name) =>
          capture(async () => {
            logger.info(`asks ${name}`)
            await get(`${url}/${name}`)
            logger.info(`has ${name}`)
          }),
        ),
      )
      suite.end()
      return seen
    })
    expect(all.map((seen) => messages(seen).toSorted())).toEqual(
      ['0', '1', '2'].map((name) => [`GET /${name} 200`, `asks ${name}`, `has ${name}`, `serves /${name}`]),
    )
    expect(new Set(all.flatMap(({ spans }) => spans.map(({ traceId }) => traceId))).size).toBe(1)
    expect(all.map(({ spans }) => spans.length)).toEqual([2, 2, 2])
  })

  test('within one another see what is theirs', async () => {
    let inner: testing.Captured | undefined
    const outer = await capture(async () => {
      logger.info('one')
      inner = await capture(
        async () => {
          logger.debug('below')
          await Promise.resolve()
          tracer.startSpan('work').end()
          logger.info('two')
        },
        { level: 'debug' },
      )
      logger.debug('unwanted')
      logger.info('three')
    })
    expect(messages(inner!)).toEqual(['below', 'two'])
    expect(messages(outer)).toEqual(['one', 'two', 'three'])
    expect([inner!.spans.length, outer.spans.length]).toEqual([1, 1])
  })

  test('that are left by an error show what the outermost has seen', async () => {
    const error = new Error('no')
    const inner = () => {
      logger.info('inner')
      throw error
    }
    const outer = async () => {
      logger.info('outer')
      await capture(inner)
    }
    await expect(capture(outer)).rejects.toBe(error)
    expect(messages(capturedOf(error)!)).toEqual(['outer', 'inner'])
  })

  test('leave to the outer one what comes after the inner has ended', async () => {
    const late = Promise.withResolvers<void>()
    let ended: Promise<void> | undefined
    const outer = await capture(async () => {
      await capture(
        () => {
          const span = tracer.startSpan('late')
          ended = late.promise.then(() => {
            logger.info('late')
            span.end()
          })
        },
        { settleMillis: 1 },
      )
      late.resolve()
      await ended
    })
    expect(messages(outer)).toEqual(['late'])
    expect(outer.spans.map(({ name }) => name)).toEqual(['late'])
  })
})

test('a tree has a root for each thing that nothing else stands above', async () => {
  const { tree } = await capture(() => {
    logger.info('alone\nsecond line')
    tracer.startActiveSpan('first', (span) => {
      logger.error('within')
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    })
    tracer.startSpan('second').end()
  })
  expect(tree.outline).toBe('INFO alone\nfirst error\n  ERROR within\nsecond')
  expect(tree.roots).toMatchObject([
    { kind: 'log', level: 'INFO', children: [] },
    { kind: 'span', name: 'first', status: 'error', durationMillis: expect.any(Number) },
    { kind: 'span', name: 'second', isInferred: false },
  ])
  expect(tree.roots[1]!.children).toMatchObject([{ kind: 'log', name: 'within', service: tree.roots[1]!.service }])
})

test('goals are nodes, with what came of them', async () => {
  const { tree, records } = await capture(() =>
    task('order of %d items', { args: [2] }, async () => {
      await to('reserve', () => Promise.resolve(logger.info('reserving')))
      await to('charge', () => Promise.reject(new Error('no money'))).catch(() => {})
    }),
  )
  expect(tree.outline).toBe(
    ['order of 2 items succeeded', '  reserve succeeded', '    INFO reserving', '  charge failed'].join('\n'),
  )
  expect(tree.roots[0]).toMatchObject({ name: 'order of 2 items', status: 'succeeded' })
  expect(tree.roots[0]?.children[1]).toMatchObject({ status: 'failed', error: { type: 'Error', message: 'no money' } })
  const line = records.find(({ message }) => message === 'reserving')
  expect(line?.attributes['tracelog.task.path']).toMatch(/^\d+\/\d+$/)
})

test('a capture of nothing is empty', async () => {
  expect(await capture(() => undefined)).toEqual({
    records: [],
    spans: [],
    tree: { text: '', outline: '', roots: [] },
    value: undefined,
  })
})
