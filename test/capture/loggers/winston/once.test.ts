/**
 * The application's own code behind a line (formats, getters, toJSON) runs as often as in bare winston, and the line is the same.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as Winston from 'winston'

import { createLogCollector } from '../../../support/log-sink.ts'
import { createOutput, loadBridgedWinston, loadWinston } from '../../../support/winston.ts'

const collector = createLogCollector()
let bridged: ReturnType<typeof loadBridgedWinston>
let bare: typeof Winston
beforeAll(() => {
  bare = loadWinston()
  bridged = loadBridgedWinston({ records: collector.records })
})
afterAll(() => bridged.bridge.disable())

type Program = (winston: typeof Winston, stream: NodeJS.WritableStream, count: () => number) => void

const PROGRAMS: Readonly<Record<string, Program>> = {
  'a format of the only transport': ({ createLogger, format, transports }, stream, count) => {
    const counted = format((info) => ({ ...info, n: count() }))
    const own = format.combine(counted(), format.json())
    createLogger({ transports: [new transports.Stream({ stream, format: own })] }).info('x', { a: 1 })
  },
  'formats of two transports, one of which swallows': ({ createLogger, format, transports }, stream, count) => {
    const swallowed = format(() => count() < 0)
    const counted = format.printf(({ message }) => `${String(message)} ${count()}`)
    const formats = [swallowed(), counted]
    createLogger({ transports: formats.map((each) => new transports.Stream({ stream, format: each })) }).info('x')
  },
  'a getter of the object that is logged': ({ createLogger, format, transports }, stream, count) => {
    createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] }).log({
      level: 'info',
      get message() {
        return `message ${count()}`
      },
      get field() {
        return count()
      },
    })
  },
  'getters and toJSON in a value': ({ createLogger, format, transports }, stream, count) => {
    const price = {
      get cents() {
        return count()
      },
    }
    const id = { toJSON: () => `id ${count()}` }
    createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] }).info('x', {
      sold: { price, list: [{ id }] },
    })
  },
  'a getter that is not printed': ({ createLogger, format, transports }, stream, count) => {
    const line = format.printf(({ message }) => String(message))
    createLogger({ format: line, transports: [new transports.Stream({ stream })] }).info('x', {
      sold: {
        kept: 1,
        get cents() {
          return count()
        },
      },
    })
  },
}

test.each(Object.entries(PROGRAMS))('%s', async (_, program) => {
  const run = (winston: typeof Winston) => {
    const { stream, lines } = createOutput()
    let calls = 0
    program(winston, stream, () => ++calls)
    return { lines, calls }
  }
  const expected = run(bare)
  expect(run(bridged.winston)).toEqual(expected)
  await Promise.resolve()
  expect(collector.logs.splice(0)).toHaveLength(1)
})

test('what getters and toJSON gave to the line is what is recorded', () => {
  const { stream } = createOutput()
  const { createLogger, format, transports } = bridged.winston
  let calls = 0
  const logger = createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] })
  logger.info('x', {
    sold: {
      get cents() {
        return ++calls
      },
      at: new Date(0),
    },
    id: { toJSON: () => `id ${++calls}` },
  })
  expect(collector.only().attributes).toEqual({ sold: { cents: 2, at: '1970-01-01T00:00:00.000Z' }, id: 'id 1' })
  logger.log({
    level: 'info',
    get message() {
      return `text ${++calls}`
    },
  })
  expect(collector.only().body).toBe('text 3')
  expect(calls).toBe(3)
})

test('a record that all transports swallow is none, and later ones are not held up', async () => {
  const { createLogger, format, transports } = bridged.winston
  const { stream } = createOutput()
  const odd = format((info) => (Number(info['i']) % 2 === 0 ? false : info))
  const logger = createLogger({ transports: [new transports.Stream({ stream, format: odd() })] })
  for (let i = 0; i < 4; i++) logger.info('x', { i })
  await Promise.resolve()
  expect(collector.logs.splice(0).map(({ attributes }) => attributes['i'])).toEqual([1, 3])
})

test('a busy transport shows what its format leaves when it comes to it', async () => {
  const { createLogger, format } = bridged.winston
  const { Transport } = bridged.winston as unknown as { Transport: new (options: object) => Winston.transport }
  let formats = 0
  const hide = format((info) => {
    formats++
    delete info['password']
    return info
  })
  const shown: unknown[] = []
  const slow = new Transport({
    format: hide(),
    log: (info: unknown, next: () => void) => (shown.push(info), setImmediate(next)),
  })
  const logger = createLogger({ transports: [slow] })
  for (let i = 0; i < 5; i++) logger.info('x', { i, password: 'hunter2' })
  await new Promise((resolve) => logger.end(resolve))
  expect(collector.logs.splice(0).map(({ attributes }) => attributes)).toEqual([0, 1, 2, 3, 4].map((i) => ({ i })))
  expect({ formats, shown: shown.length }).toEqual({ formats: 5, shown: 5 })
})
