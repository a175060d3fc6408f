import { context, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api'
import { beforeAll, describe, expect, test } from 'vitest'

import { createLogSink, type RecordKeeper } from '../../src/app/sinks.ts'
import { createUserProcessors } from '../../src/app/user-processors.ts'
import { readAppConfig } from '../../src/config/app-config.ts'
import { TracelogContextManager } from '../../src/context/context-manager.ts'
import { RequestUnit, withUnit } from '../../src/context/request-unit.ts'
import { SpanIds } from '../../src/context/span-ids.ts'
import type { ExportPipeline } from '../../src/export/pipeline.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { createLevelGate, type LevelRules } from '../../src/process/level-gate.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import { createLevels, type LevelHolder, type Levels } from '../../src/record/levels.ts'
import { createLoggerProvider } from '../../src/record/logger-provider.ts'

const NOTHING_SET: LevelRules = { severity: undefined, scopes: [] }
const INFO_AND_DB_OFF: LevelRules = { severity: 9, scopes: [{ prefix: 'db', severity: 25 }] }
const WANTED = unitNamed('wanted')
const OTHER = unitNamed('other')
/** Wants everything of one request from 5 up. */
const HOLDER: LevelHolder = {
  isHolding: true,
  watchesFrom: 25,
  holds: (severity, unit) => unit === WANTED && severity >= 5,
  expect: () => {},
}

beforeAll(() => {
  context.disable()
  context.setGlobalContextManager(new TracelogContextManager())
})

function unitNamed(traceId: string): RequestUnit {
  const ids = SpanIds.of(traceId, 'span')
  return new RequestUnit({ ids, traceFlags: 1, method: 'GET', path: '/', startedMillis: 0, isPeerTrusted: false })
}

function levelsOf(rules: LevelRules, holder?: LevelHolder, accepts?: () => boolean): Levels {
  return createLevels({ thresholds: createLevelGate({ environment: rules }), holder, ...(accepts && { accepts }) })
}

describe('judge', () => {
  test.each([
    { what: 'printed, no level set', rules: NOTHING_SET, severity: 1, answer: 'export' },
    { what: 'not printed, no level set', rules: NOTHING_SET, severity: 21, isPrinted: false, answer: 'drop' },
    { what: 'at the level', rules: INFO_AND_DB_OFF, severity: 9, answer: 'export' },
    { what: 'at the level, not printed', rules: INFO_AND_DB_OFF, severity: 9, isPrinted: false, answer: 'export' },
    { what: 'below the level, printed', rules: INFO_AND_DB_OFF, severity: 8, isPrinted: true, answer: 'drop' },
    { what: 'without severity: INFO', rules: INFO_AND_DB_OFF, severity: 0, answer: 'export' },
    { what: 'of a scope that is off', rules: INFO_AND_DB_OFF, severity: 24, scope: 'db.pool', answer: 'drop' },
  ])('a record $what: $answer', ({ rules, severity, scope = 'web', isPrinted, answer }) => {
    expect(levelsOf(rules).judge(severity, scope, WANTED, isPrinted)).toBe(answer)
  })

  test.each([
    { what: 'below the level, of the wanted request', severity: 5, unit: WANTED, answer: 'hold' },
    { what: 'below what is wanted', severity: 4, unit: WANTED, answer: 'drop' },
    { what: 'of another request', severity: 5, unit: OTHER, answer: 'drop' },
    { what: 'of no request', severity: 5, unit: undefined, answer: 'drop' },
    { what: 'that a level lets through', severity: 9, unit: WANTED, answer: 'export' },
    { what: 'of a scope that is off', severity: 24, unit: WANTED, scope: 'db', answer: 'drop' },
  ])('with a holder, a record $what: $answer', ({ severity, unit, scope = 'web', answer }) => {
    expect(levelsOf(INFO_AND_DB_OFF, HOLDER).judge(severity, scope, unit)).toBe(answer)
  })

  test('a record that nobody prints is held where no level is set', () => {
    expect(levelsOf(NOTHING_SET, HOLDER).judge(5, 'web', WANTED, false)).toBe('hold')
  })

  test('nothing goes on when no record leaves the process', () => {
    const levels = levelsOf(INFO_AND_DB_OFF, HOLDER, () => false)
    expect([levels.judge(17, 'web', WANTED), levels.judge(5, 'web', WANTED)]).toEqual(['drop', 'drop'])
  })

  test('the holder is only asked about records that no level lets through', () => {
    const asked: number[] = []
    const levels = levelsOf(INFO_AND_DB_OFF, { ...HOLDER, holds: (severity) => asked.push(severity) > 0 })
    for (const severity of [0, 9, 24, 8]) levels.judge(severity, 'web', undefined)
    expect(asked).toEqual([8])
  })
})

describe('isWanted, where no record may follow', () => {
  test.each([
    { what: 'at the level', severity: 9, unit: OTHER, expected: true },
    { what: 'below the level, of the wanted request', severity: 5, unit: WANTED, expected: true },
    { what: 'below the level, of another request', severity: 5, unit: OTHER, expected: false },
    { what: 'of a scope that is off', severity: 24, unit: WANTED, scope: 'db', expected: false },
  ])('$what: $expected, and the holder expects nothing', ({ severity, unit, scope = 'web', expected }) => {
    let counted = 0
    const holder = { ...HOLDER, expect: () => void counted++ }
    expect([levelsOf(INFO_AND_DB_OFF, holder).isWanted(severity, scope, unit), counted]).toEqual([expected, 0])
  })

  test('the answer `hold` to a record is what the holder expects one by', () => {
    let counted = 0
    const levels = levelsOf(INFO_AND_DB_OFF, { ...HOLDER, expect: () => void counted++ })
    for (const severity of [5, 9, 4]) levels.judge(severity, 'web', WANTED)
    expect(counted).toBe(1)
  })
})

describe('isPossible, before the scope is known', () => {
  test.each([
    { what: 'below every level', rules: INFO_AND_DB_OFF, severity: 8, expected: false },
    { what: 'at the lowest level', rules: INFO_AND_DB_OFF, severity: 9, expected: true },
    { what: 'with no level set', rules: NOTHING_SET, severity: 24, expected: false },
    { what: 'with no level set, wanted', rules: NOTHING_SET, severity: 5, holder: HOLDER, expected: true },
    { what: 'below every level, wanted', rules: INFO_AND_DB_OFF, severity: 8, holder: HOLDER, expected: true },
  ])('a record that is not printed, $what: $expected', ({ rules, severity, holder, expected }) => {
    expect(levelsOf(rules, holder).isPossible(severity, WANTED)).toBe(expected)
  })
})

describe('from the Logs API to the end of the chain', () => {
  function chain() {
    const exported: unknown[] = []
    const held: [body: unknown, unit: RequestUnit | undefined][] = []
    const recorder: RecordKeeper = {
      keep: (record, unit) => void held.push([record.toRecord().body, unit]),
      beforeExport: () => {},
    }
    const pipeline = {
      accepts: () => true,
      emitLog: (record: LogRecord) => exported.push(record.body),
    } as unknown as ExportPipeline
    const { config } = readAppConfig({})
    const sink = createLogSink({
      config,
      recorder,
      redactor: createRedactor(),
      pipeline,
      processors: createUserProcessors(),
      seat: { current: undefined },
      resource: { attributes: {} },
    })
    const records = createRecordEmitter({ levels: levelsOf(INFO_AND_DB_OFF, HOLDER), sink })
    return { exported, held, logger: createLoggerProvider(records).getLogger('web') }
  }

  test('a held record is handed to the holder as it was logged, with its request', () => {
    const { exported, held, logger } = chain()
    context.with(withUnit(ROOT_CONTEXT, WANTED), () => {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: 'shown' })
      logger.emit({ severityNumber: SeverityNumber.DEBUG, body: 'password=hunter2' })
      logger.emit({ severityNumber: SeverityNumber.TRACE4, body: 'below' })
    })
    expect(exported).toEqual(['shown'])
    expect(held).toEqual([['password=hunter2', WANTED]])
  })

  test("the record's own context counts, for enabled() too", () => {
    const { held, logger } = chain()
    const own = withUnit(ROOT_CONTEXT, WANTED)
    logger.emit({ severityNumber: SeverityNumber.DEBUG, body: 'elsewhere', context: own })
    logger.emit({ severityNumber: SeverityNumber.DEBUG, body: 'here' })
    expect(held).toEqual([['elsewhere', WANTED]])
    expect(logger.enabled({ severityNumber: SeverityNumber.DEBUG, context: own })).toBe(true)
    expect(logger.enabled({ severityNumber: SeverityNumber.DEBUG })).toBe(false)
  })
})
