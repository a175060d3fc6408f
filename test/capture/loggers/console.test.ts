import { spawnSync } from 'node:child_process'
import { format } from 'node:util'

import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest'

import { createConsoleInstrumentation } from '../../../src/capture/loggers/console.ts'
import { beginWriting } from '../../../src/capture/loggers/printed-lines.ts'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { createLogCollector } from '../../support/log-sink.ts'

const collector = createLogCollector()
const instrumentation = createConsoleInstrumentation({ records: collector.records })
/** The test runner replaces the global one. */
const printed: string[] = []
const stream = new Writable({
  write(chunk: Buffer, _encoding, done) {
    printed.push(chunk.toString())
    done()
  },
})
const out = new Console(stream, stream)
beforeAll(() => instrumentation.enable())
afterAll(() => instrumentation.disable())
afterEach(() => {
  collector.logs.length = 0
  printed.length = 0
})

test('levels', () => {
  out.log('a')
  out.info('b')
  out.warn('c')
  out.error('d')
  out.debug('e')
  out.trace('f %d', 1)
  expect(collector.logs.map(({ severityNumber, severityText }) => `${severityText} ${severityNumber}`)).toEqual([
    'log 9',
    'info 9',
    'warn 13',
    'error 17',
    'debug 5',
    'trace 1',
  ])
  expect(collector.logs.at(-1)?.body).toMatch(/^Trace: f 1\n {4}at /)
  expect(collector.logs[0]?.scope).toEqual({ name: 'console', version: process.versions.node })
})

test.each([
  [['a %s %d', 'b', 2, 'more']],
  [[{ a: { b: [1] } }, new Map([['k', 1]])]],
  [['100 %']],
  [[]],
  [[undefined, null, Symbol('s'), 1n, -0]],
])('the body is exactly what console prints (%#)', (args) => {
  out.log(...args)
  expect(`${collector.only().body as string}\n`).toBe(printed.join(''))
})

test('an error is an exception too, whatever its place', () => {
  const error = new TypeError('boom')
  out.error('failed', error)
  const { body, attributes } = collector.only()
  expect(body).toBe(format('failed', error))
  expect(attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'boom' })
  out.log('fields', { name: 'Bob', code: 7, message: 'x', stack: 's' })
  expect(collector.only().attributes).toEqual({})
})

test('colours stay in the output and out of the body', () => {
  out.log('\u001B[31mred\u001B[39m')
  expect(collector.only().body).toBe('red')
  expect(printed).toEqual(['\u001B[31mred\u001B[39m\n'])
})

test('what prints while it is printed comes first, as in the output', () => {
  const talkative = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      out.log('inside')
      return 'talkative'
    },
  }
  out.log(talkative)
  expect(collector.logs.map(({ body }) => body)).toEqual(['inside', 'talkative'])
  expect(printed).toEqual(['inside\n', 'talkative\n'])
})

test('a value that throws while it is printed: the application sees what console does', () => {
  const bad = {
    get [Symbol.toStringTag](): string {
      throw new Error('no')
    },
  }
  const attempt = (): unknown => {
    try {
      out.log(bad)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }
  instrumentation.disable()
  const expected = attempt()
  instrumentation.enable()
  expect(attempt()).toBe(expected)
})

test('what a bridged logger prints is not captured again; the same text at another moment is', () => {
  let isNow = true
  const printer = { isPrinting: () => isNow }
  beginWriting(printer, 'sold', '{"message":"sold"}')
  out.log('{"message":"sold"}')
  out.log('info: sold')
  out.log('about to send')
  beginWriting(printer, 'inner', 'inner')
  out.log('sold')
  isNow = false
  out.log('{"message":"sold"}')
  expect(collector.logs.map(({ body }) => body)).toEqual(['about to send', '{"message":"sold"}'])
})

/** Counts how often the application's own code runs. */
function counting() {
  let count = 0
  return {
    [Symbol.for('nodejs.util.inspect.custom')]: () => `inspected ${++count}`,
    toString: () => `told ${++count}`,
    toJSON: () => ({ json: ++count }),
    get field() {
      return ++count
    },
    get [Symbol.toStringTag]() {
      return `tag ${++count}`
    },
  }
}

test.each([
  { name: 'log', print: () => out.log(counting()) },
  { name: '%s', print: () => out.log('%s and %j', counting(), counting()) },
  {
    name: 'getters shown',
    print: () => new Console({ stdout: stream, inspectOptions: { getters: true } }).log(counting()),
  },
  { name: 'dir', print: () => out.dir(counting(), { customInspect: true }) },
  { name: 'table', print: () => out.table([{ a: counting() }]) },
  { name: 'group', print: () => (out.group(counting()), out.log(counting()), out.groupEnd()) },
  { name: 'assert', print: () => out.assert(false, 'failed', counting()) },
  { name: 'trace', print: () => out.trace(counting()) },
  {
    name: 'an error',
    print: () => out.error(Object.assign(new Error('e', { cause: counting() }), counting(), { own: counting() })),
  },
])('code of the application runs once, by console: $name', ({ print }) => {
  const withoutFrames = (lines: string[]) => lines.join('').replaceAll(/\n +at .*/g, '')
  instrumentation.disable()
  print()
  const bare = withoutFrames(printed)
  printed.length = 0
  instrumentation.enable()
  print()
  expect(withoutFrames(printed)).toBe(bare)
  expect(withoutFrames(collector.logs.map(({ body }) => `${body as string}\n`))).toBe(bare.replaceAll(/^ {2}/gm, ''))
})

test('an error is read without running its getters', () => {
  let reads = 0
  class Denied extends Error {
    readonly detail = { when: new Date(0), list: [1, new Map([['k', 2n]])], self: this as unknown }
    get secret() {
      return ++reads
    }
  }
  const error = new Denied('no', { cause: new TypeError('why', { cause: 'text' }) })
  const counts = () => ++reads
  Object.defineProperty(error, 'late', { enumerable: true, get: counts })
  Object.defineProperty(error.detail, 'late', { enumerable: true, get: counts })
  Object.assign(error.detail, { toJSON: counts })
  out.error(error)
  expect(reads).toBe(0)
  expect(collector.only().attributes).toMatchObject({
    'exception.type': 'Denied',
    'exception.message': 'no',
    'exception.stacktrace': expect.stringContaining('Error: no\n    at ') as string,
    'exception.cause': { type: 'TypeError', message: 'why', cause: 'text' },
    'exception.detail': { when: '1970-01-01T00:00:00.000Z', list: [1, { k: '2' }] },
  })
})

test.each([
  { name: 'a Proxy', value: new Proxy(new Error('hidden'), {}) },
  {
    name: 'an error whose cause throws',
    value: Object.defineProperty(new Error('x'), 'cause', {
      get: () => {
        throw new Error('no')
      },
    }),
  },
  { name: 'an error without a prototype', value: Object.setPrototypeOf(new Error('x'), null) as unknown },
])('a hostile value is recorded as it is printed: $name', ({ value }) => {
  const attempt = (): unknown => {
    try {
      out.log(value)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : error
    }
  }
  instrumentation.disable()
  const bare = { thrown: attempt(), printed: printed.splice(0) }
  instrumentation.enable()
  expect({ thrown: attempt(), printed }).toEqual(bare)
  expect(collector.logs.map(({ body }) => `${body as string}\n`)).toEqual(bare.printed)
})

test('a closed stream, a stream that throws: console does what it does, and the line is recorded', () => {
  const closed = new Writable()
  closed.destroy()
  new Console(closed).log('to a closed stream')
  const throwing = Object.assign(new Writable(), {
    write: () => {
      throw new Error('full')
    },
  })
  new Console(throwing).log('swallowed')
  expect(() => new Console({ stdout: throwing, ignoreErrors: false }).log('not swallowed')).toThrow('full')
  expect(collector.logs.map(({ body }) => body)).toEqual(['to a closed stream', 'swallowed', 'not swallowed'])
})

test('a Console of the application that makes its own text is recorded as printed', () => {
  class Prefixed extends Console {
    override log(...args: unknown[]) {
      super.log('prefix', ...args)
    }
  }
  new Prefixed(stream).log('x')
  expect(collector.only().body).toBe('prefix x')
})

test('levels are asked before anything is formatted', () => {
  collector.gate.setLevel(13, 'console')
  const custom = vi.fn<() => string>(() => 'x')
  out.log({ [Symbol.for('nodejs.util.inspect.custom')]: custom })
  expect(custom).toHaveBeenCalledTimes(1)
  expect(collector.logs).toEqual([])
  collector.gate.setLevel(1, 'console')
})

test('console.trace shows no frame of ours', () => {
  const { stderr } = spawnSync(process.execPath, ['-e', 'console.trace("here")'], { encoding: 'utf8' })
  out.trace('here')
  expect(printed.join('')).not.toContain('src/capture')
  expect(stderr).toContain('Trace: here')
})
