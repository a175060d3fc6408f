/**
 * Real applications under the preload, against a real receiver: what arrives, and that their own output is bare Node's.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

const under = (): ChildOptions => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })

async function logsOf(program: string, options: ChildOptions = {}) {
  const before = receiver.receivedLogs.length
  const end = await runChild(program, { ...under(), ...options })
  const logs = receiver.receivedLogs.slice(before).map(({ record, scope }) => ({ ...record, scope: scope.name }))
  return { end, logs }
}

/** Bare Node with a preload that does nothing: --import alone changes how Node reports an entry that throws. */
const BARE: ChildOptions = { preload: 'none', nodeArgs: ['--import', 'data:text/javascript,'] }

/** Paths and line numbers of Node's own modules, process ids: they are not the application's. */
function comparable(text: string): string {
  return text
    .replaceAll(/\(node:\d+\)/g, '(node)')
    .split('\n')
    .filter((line) => !/^ {4}at .*\(?node:internal\//.test(line))
    .join('\n')
    .replaceAll(/\\n {4}at [^\\"]*node:internal\/[^\\"]*/g, '')
    .replaceAll(/node:events:\d+:\d+/g, 'node:events')
}

/** From `first` to the last of its frames. */
function stackOf(text: string, first: string): string {
  const lines = comparable(text).split('\n')
  const start = lines.indexOf(first)
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith('    at '))
  return lines.slice(start, start + 1 + length).join('\n')
}

describe.each(['loggers/winston-app.cjs', 'loggers/winston-app.mjs'])('%s', (program) => {
  test('its output is the same with and without the preload', async () => {
    const bare = await runChild(program, BARE)
    const { end } = await logsOf(program)
    expect(comparable(end.stdout)).toBe(comparable(bare.stdout))
    expect(end.code).toBe(bare.code)
    expect(end.stderr).not.toMatch(/engine\.cjs(?![^\n]*applyFormat)[^\n]*(?:write|push|log)\b/)
  })

  test('its records arrive once each', async () => {
    const { logs } = await logsOf(program)
    const hello = logs.filter(({ body }) => body === 'hello')
    expect(hello).toMatchObject([{ severityNumber: 9, severityText: 'info', attributes: { a: 1 }, scope: 'winston' }])
    expect(logs.filter(({ body }) => body === 'late')).toMatchObject([{ severityNumber: 13, scope: 'billing' }])
    expect(logs.map(({ body }) => body)).not.toContain('not printed')
  })
})

test('an error of a format shows the stack of bare winston', async () => {
  const bare = await runChild('loggers/winston-app.cjs', BARE)
  const { end, logs } = await logsOf('loggers/winston-app.cjs')
  for (const first of ['Error: format broke on x', 'Error: transport']) {
    expect(stackOf(end.stderr, first)).toBe(stackOf(bare.stderr, first))
    expect(stackOf(end.stderr, first)).not.toContain('engine.cjs')
  }
  expect(logs.filter(({ body }) => body === 'by console')).toMatchObject([{ scope: 'console', severityText: 'log' }])
  // console's own warning line is not a second record.
  expect(logs.filter(({ body }) => typeof body === 'string' && body.includes('careful'))).toMatchObject([
    { scope: 'process', severityNumber: 13 },
  ])
})

test('a logger made before the preload is heard', async () => {
  const early = new URL('../../fixtures/loggers/late-preload.cjs', import.meta.url).pathname
  const register = new URL('../../../dist/register.cjs', import.meta.url).pathname
  const { logs } = await logsOf('loggers/use-early.cjs', {
    ...under(),
    preload: 'none',
    nodeArgs: ['--require', early, '--require', register],
  })
  expect(logs.map(({ body }) => body)).toEqual(['after the preload', 'another'])
})

describe('the end of a process', () => {
  test.each([
    { how: 'throw', record: { severityNumber: 21, body: 'thrown', eventName: 'process.uncaught_exception' } },
    { how: 'throw-text', record: { severityNumber: 21, body: 'text' } },
    { how: 'reject', record: { severityNumber: 17, body: 'rejected', eventName: 'process.unhandled_rejection' } },
    { how: 'reject-handled', record: { severityNumber: 17, body: 'rejected' } },
    { how: 'winston-handles', record: { severityNumber: 21, body: 'thrown' } },
    { how: 'winston-handles-rejection', record: { severityNumber: 17, body: 'rejected' } },
    { how: 'warning', record: { severityNumber: 13, body: 'careful' } },
  ])('$how: one record, and the end of bare Node', async ({ how, record }) => {
    const bare = await runChild('loggers/endings.cjs', { ...BARE, args: [how] })
    const { end, logs } = await logsOf('loggers/endings.cjs', { ...under(), args: [how] })
    expect(logs.filter(({ scope }) => scope !== 'console')).toMatchObject([record])
    expect({ code: end.code, signal: end.signal }).toEqual({ code: bare.code, signal: bare.signal })
    expect(comparable(end.stderr)).toBe(comparable(bare.stderr))
  })

  test('a listener for one rejection leaves the next one to Node', async () => {
    const bare = await runChild('loggers/endings.cjs', { ...BARE, args: ['reject-once'] })
    const { end, logs } = await logsOf('loggers/endings.cjs', { ...under(), args: ['reject-once'] })
    expect(end.code).toBe(bare.code)
    expect(end.code).toBe(1)
    expect(logs.filter(({ scope }) => scope === 'process').map(({ body }) => body)).toEqual(['first', 'second'])
  })
})

test('TRACELOG_LEVEL decides, whatever is printed', async () => {
  const { logs } = await logsOf('loggers/winston-app.cjs', {
    env: { ...under().env, TRACELOG_LEVEL: 'error,winston=debug', TRACELOG_CONSOLE: 'off' },
  })
  const bodies = logs.map(({ body }) => body)
  expect(bodies).toContain('not printed')
  expect(bodies).not.toContain('late')
  expect(bodies).not.toContain('by console')
})
