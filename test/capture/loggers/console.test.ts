import { spawnSync } from 'node:child_process'
import { format } from 'node:util'

import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest'

import { createConsoleInstrumentation } from '../../../src/capture/loggers/console.ts'
import { expectLine } from '../../../src/capture/loggers/printed-lines.ts'
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

test('printing while we format is not heard twice', () => {
  const talkative = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      out.log('inside')
      return 'talkative'
    },
  }
  out.log(talkative)
  expect(collector.logs.map(({ body }) => body)).toEqual(['talkative', 'inside'])
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

test('the line of a bridged logger is not captured again', () => {
  expectLine('{"a":1}')
  out.log('{"a":1}')
  out.log('{"a":1}', 2)
  expect(collector.logs.map(({ body }) => body)).toEqual(['{"a":1} 2'])
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
