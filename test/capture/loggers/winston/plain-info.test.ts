/** winston's infos straight to bytes: the bytes are those of the general path, whatever is logged. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type * as Winston from 'winston'

import { createWinstonInstrumentation } from '../../../../src/capture/loggers/winston/winston-instrumentation.ts'
import { wallMillis } from '../../../../src/diag/clock.ts'
import { createOutput, loadWinston } from '../../../support/winston.ts'
import { twoWays } from '../../../support/two-ways.ts'

const { general, fast, straight } = twoWays()
const copies = [loadWinston(), loadWinston()]
const ways = [general, fast].map(({ records }, i) => {
  const winston = copies[i] as typeof Winston
  return { winston, undo: createWinstonInstrumentation({ records }).attach(winston) }
})
beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterAll(() => {
  vi.useRealTimers()
  ways.forEach(({ undo }) => undo())
})

type Call = (logger: Winston.Logger) => unknown

const FORMATS: Readonly<Record<string, (winston: typeof Winston) => Winston.Logform.Format>> = {
  json: ({ format }) => format.json(),
  'timestamp and json': ({ format }) => format.combine(format.timestamp(), format.json()),
  'errors, splat, label and simple': ({ format }) =>
    format.combine(format.errors({ stack: true }), format.splat(), format.label({ label: 'part' }), format.simple()),
  metadata: ({ format }) => format.combine(format.metadata(), format.json()),
  'a Proxy that does not list its keys': ({ format }) => format((info) => new Proxy(info, { ownKeys: fail }))(),
  'a Proxy that is not asked for a label': ({ format }) =>
    format(
      (info) => new Proxy(info, { has: (target, name) => (name === 'label' ? fail() : Reflect.has(target, name)) }),
    )(),
  'another object': ({ format }) =>
    format.combine(
      format((info) => Object.assign(Object.create({ inherited: 1 }) as Winston.Logform.TransformableInfo, info))(),
      format.json(),
    ),
}

const text = fc.oneof(fc.string(), fc.constantFrom('took %s', 'password=hunter2', '\u001B[31mred\u001B[0m', '\uD800'))
const value = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(text, fc.integer(), fc.double(), fc.boolean()) },
  fc.constantFrom<unknown>(null, undefined, 1n, new Date(0), new Error('boom'), new Map([['k', 1]]), Symbol('s')),
  fc.object({ maxDepth: 2 }),
)
const key = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'user',
    'password',
    'err',
    'error',
    'stack',
    'label',
    'timestamp',
    'level',
    'message',
    'metadata',
    '%',
  ),
)
const fields = fc.dictionary(key, value, { maxKeys: 5 })
const plainFields = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}(?:\.[a-z]{1,8})?$/),
  fc.oneof(text, fc.integer(), fc.boolean()),
)
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.string(), plainFields).map(
      ([message, meta]): Call =>
        (logger) =>
          logger.info(message, meta),
    ),
  },
  text.map(
    (message): Call =>
      (logger) =>
        logger.info(message),
  ),
  {
    weight: 3,
    arbitrary: fc.tuple(text, fields).map(
      ([message, meta]): Call =>
        (logger) =>
          logger.warn(message, meta),
    ),
  },
  fc.tuple(text, value).map(
    ([message, one]): Call =>
      (logger) =>
        logger.error(message, one),
  ),
  fc.tuple(text, fields).map(
    ([message, meta]): Call =>
      (logger) =>
        logger.child({ meta: 1 }).info(message, meta),
  ),
  fc.tuple(text, fields).map(
    ([message, meta]): Call =>
      (logger) =>
        logger.log({ ...meta, level: 'info', message }),
  ),
  text.map(
    (message): Call =>
      (logger) =>
        logger.error(new TypeError(message)),
  ),
)

describe.each(Object.entries(FORMATS))('with the format %s', (_name, formatOf) => {
  test('both ways give the same bytes', () => {
    const loggers = ways.map(({ winston }) =>
      winston.createLogger({
        format: formatOf(winston),
        transports: [new winston.transports.Stream({ stream: createOutput().stream })],
      }),
    )
    fc.assert(
      fc.property(call, (one) => {
        // Formats that add the time add the same one.
        vi.setSystemTime(wallMillis())
        for (const logger of loggers) attempt(() => one(logger))
        expect(textOf(fast.take())).toBe(textOf(general.take()))
      }),
      { numRuns: 400 },
    )
  })
})

test('straight to bytes went many of them', () => {
  expect(straight()).toBeGreaterThan(200)
})

function fail(): never {
  throw new Error('not to be read')
}

/** winston throws for some of them, both times. */
function attempt(run: () => unknown): void {
  try {
    run()
  } catch {
    // As without us.
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
