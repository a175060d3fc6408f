/** A level of pino that is off: asked for by a level of ours or by who holds records, made by pino, and never printed. */
import { afterEach, describe, expect, test } from 'vitest'

import { SEVERITY_OFF } from '../../../../src/model/severity.ts'
import { createLevelGate } from '../../../../src/process/level-gate.ts'
import { createRecordEmitter } from '../../../../src/record/create-record-emitter.ts'
import { createLevels, type Verdict } from '../../../../src/record/levels.ts'
import type { LibrarySet } from '../../../support/libraries.ts'
import { loadPino, pinoInstrumentation, type PinoLogger } from '../../../support/pino.ts'

interface Heard {
  readonly body: unknown
  readonly severityNumber: number
  readonly attributes: object
  readonly scope: string
  readonly verdict: Verdict
}

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

/** @param settings  the levels of ours; `isHolding`: somebody wants what no level lets through */
function start(set: LibrarySet, settings: { readonly level?: number; readonly isHolding?: boolean }) {
  const heard: Heard[] = []
  const holder =
    settings.isHolding === true ? { isHolding: true, watchesFrom: 25, holds: () => true, expect: () => {} } : undefined
  const thresholds = createLevelGate(
    settings.level === undefined ? {} : { environment: { severity: settings.level, scopes: [] } },
  )
  const records = createRecordEmitter({
    levels: createLevels({ thresholds, holder }),
    sink: {
      emit: ({ body, severityNumber, attributes }, scope, verdict) =>
        void heard.push({ body, severityNumber, attributes, scope: scope.name, verdict }),
    },
  })
  const instrumentation = pinoInstrumentation(records)
  instrumentation.enable()
  undo.push(() => instrumentation.disable())
  const pino = loadPino(set)
  const lines: string[] = []
  const make = (options: object = {}): PinoLogger => pino(options, { write: (line: string) => void lines.push(line) })
  return { heard, lines, make, pino, instrumentation }
}

describe.each(['oldest', 'between', 'newest'] as const)('pino of the %s set', (set) => {
  test('where a level of ours asks for it, the line is a record as pino would have written it, and not printed', () => {
    const { heard, lines, make } = start(set, { level: 1 })
    const logger = make({ name: 'orders', mixin: () => ({ mixed: 1 }), redact: ['password'] })
    logger.child({ tenant: 't' })['debug']({ password: 'hunter2', a: 1 }, 'hi %s', 'bob')
    expect(heard).toEqual([
      {
        body: 'hi bob',
        severityNumber: 5,
        attributes: { tenant: 't', mixed: 1, password: '[Redacted]', a: 1 },
        scope: 'orders',
        verdict: 'export',
      },
    ])
    expect(lines).toEqual([])
  })

  test('who holds records is given it, with the answer', () => {
    const { heard, lines, make } = start(set, { isHolding: true })
    make()['trace']('held')
    expect(heard).toMatchObject([{ body: 'held', severityNumber: 1, verdict: 'hold' }])
    expect(lines).toEqual([])
  })

  test('nobody wants it: nothing is made', () => {
    const { heard, make } = start(set, {})
    let asked = 0
    make({ mixin: () => (asked++, {}) })['debug']({ a: 1 }, 'unwanted')
    expect([heard, asked]).toEqual([[], 0])
  })

  test('a level of ours above it: nothing is made either', () => {
    const { heard, make } = start(set, { level: 9 })
    make({ level: 'warn' })['debug']('unwanted')
    expect(heard).toEqual([])
  })

  test('`off` of ours, and `silent` of pino, are final', () => {
    for (const settings of [{ level: SEVERITY_OFF, isHolding: true }, { level: 1 }, { isHolding: true }]) {
      const { heard, make, instrumentation } = start(set, settings)
      make({ level: settings.level === SEVERITY_OFF ? 'info' : 'silent' })['debug']('nothing')
      expect(heard).toEqual([])
      instrumentation.disable()
    }
  })

  test('levels that change while it runs', () => {
    const { heard, lines, make } = start(set, { level: 1 })
    const logger = make()
    logger['debug']('off')
    logger.level = 'debug'
    logger['debug']('on')
    logger.level = 'info'
    logger['debug']('off again')
    expect(heard.map(({ body }) => body)).toEqual(['off', 'on', 'off again'])
    expect(lines).toHaveLength(1)
  })

  test('levels of its own, and of a child', () => {
    const { heard, lines, make } = start(set, { level: 1 })
    const logger = make({ customLevels: { audit: 35, minor: 15 } })
    logger['minor']('custom')
    logger.child({}, { level: 'error' })['warn']('of a child')
    expect(heard).toMatchObject([
      { body: 'custom', severityNumber: 5 },
      { body: 'of a child', severityNumber: 13 },
    ])
    expect(lines).toEqual([])
  })

  test("the application's hooks see no line that is not printed, and may log", () => {
    const { heard, lines, make } = start(set, { level: 1 })
    const other = make()
    const logger = make({
      hooks: {
        streamWrite: () => 'never',
        logMethod(this: unknown, args: unknown[], method: (...args: unknown[]) => void) {
          other['info']('from the hook')
          method.apply(this, [`${String(args[0])}!`])
        },
      },
    })
    logger['debug']('hooked')
    expect(heard).toMatchObject([
      { body: 'from the hook', verdict: 'export' },
      { body: 'hooked!', verdict: 'export' },
    ])
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['from the hook'])
  })

  test('what the application throws in it stays there: the call would have done nothing', () => {
    const { make } = start(set, { level: 1 })
    const logger = make({
      mixin() {
        throw new Error('of the application')
      },
    })
    expect(() => logger['debug']('x')).not.toThrow()
    expect(() => logger['info']('x')).toThrow('of the application')
  })

  test('it looks as pino has made it, and does nothing when it is taken off its logger', () => {
    const { heard, make } = start(set, { level: 1 })
    const logger = make()
    const debug = logger['debug'] as (text: string) => unknown
    expect([debug.name, debug.length, debug('x'), heard, logger.isLevelEnabled('debug')]).toEqual([
      'noop',
      0,
      undefined,
      [],
      false,
    ])
    expect(Object.keys(logger)).toContain('debug')
  })

  test('switched off again, it is pino alone', () => {
    const { heard, lines, make, instrumentation } = start(set, { level: 1 })
    const before = make()
    instrumentation.disable()
    before['debug']('x')
    before['info']('y')
    make()['debug']('z')
    expect(heard).toEqual([])
    expect(lines).toHaveLength(1)
  })
})
