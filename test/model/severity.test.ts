import { describe, expect, test } from 'vitest'

import {
  LEVEL_NAMES,
  SEVERITY_OFF,
  createSeverityTable,
  levelOfSeverity,
  nameOfLevel,
  parseLevel,
  severityOfLevelName,
  severityOfPinoLevel,
  severityOfSyslog,
} from '../../src/model/severity.ts'

describe('a level name', () => {
  test.each([
    ['silly', 1],
    ['trace', 1],
    ['debug', 5],
    ['verbose', 6],
    ['http', 7],
    ['info', 9],
    ['notice', 10],
    ['warn', 13],
    ['warning', 13],
    ['error', 17],
    ['crit', 21],
    ['critical', 21],
    ['fatal', 21],
    ['alert', 22],
    ['emerg', 23],
    ['WARN', 13],
    [' Error ', 17],
    ['DEBUG2', 6],
    ['FATAL4', 24],
    ['err', 17],
  ])('%s is severity %i', (name, severity) => {
    expect(severityOfLevelName(name)).toBe(severity)
  })

  test.each(['audit', '', 'toString', '__proto__', 'x'.repeat(1000)])('%s is unknown on its own', (name) => {
    expect(severityOfLevelName(name)).toBeUndefined()
  })

  test('every level is written so that it is read as the same one', () => {
    const numbers = Array.from({ length: 25 }, (_, index) => index + 1)
    expect(numbers.map((number) => parseLevel(nameOfLevel(number)))).toEqual(numbers)
    expect([1, 5, 9, 13, 17, 21, 25, 3].map(nameOfLevel)).toEqual([
      'trace',
      'debug',
      'info',
      'warn',
      'error',
      'fatal',
      'off',
      '3',
    ])
  })

  test('every name of TRACELOG_LEVEL is known, least severe first', () => {
    const severities = LEVEL_NAMES.map((name) => severityOfLevelName(name) ?? Number.NaN)
    expect(severities).toEqual(severities.toSorted((a, b) => a - b))
  })
})

test.each([
  [1, 'TRACE'],
  [4, 'TRACE'],
  [5, 'DEBUG'],
  [8, 'DEBUG'],
  [9, 'INFO'],
  [12, 'INFO'],
  [13, 'WARN'],
  [16, 'WARN'],
  [17, 'ERROR'],
  [20, 'ERROR'],
  [21, 'FATAL'],
  [24, 'FATAL'],
  [0, 'INFO'],
  [25, 'INFO'],
  [-1, 'INFO'],
  [Number.NaN, 'INFO'],
])('severity %d is in the range %s', (severity, level) => {
  expect(levelOfSeverity(severity)).toBe(level)
})

test.each([
  ['info', 9],
  ['WARN', 13],
  [' off ', SEVERITY_OFF],
  ['1', 1],
  ['24', 24],
  ['0', undefined],
  ['25', undefined],
  ['loud', undefined],
  ['', undefined],
  ['err', undefined],
  ['1e1', undefined],
])('TRACELOG_LEVEL=%s lets through from %s', (text, severity) => {
  expect(parseLevel(text)).toBe(severity)
})

describe("a custom level takes its nearest known neighbour's number", () => {
  test('winston: 0 is the most severe', () => {
    const table = createSeverityTable({ fatal: 0, error: 1, warn: 2, audit: 3, info: 5, trace: 6 })
    expect(Object.fromEntries(table)).toEqual({ fatal: 21, error: 17, warn: 13, audit: 13, info: 9, trace: 1 })
  })

  test('on a tie the more severe one', () => {
    expect(createSeverityTable({ error: 0, audit: 1, info: 2 }).get('audit')).toBe(17)
    expect(createSeverityTable({ info: 2, audit: 1, error: 0 }).get('audit')).toBe(17)
  })

  test('pino: higher is more severe', () => {
    expect(createSeverityTable({ info: 30, audit: 36, warn: 40 }).get('audit')).toBe(13)
  })

  test('INFO when the logger has no known name', () => {
    expect(createSeverityTable({ red: 0, blue: 1 }).get('blue')).toBe(9)
  })

  test('a broken order does not break the table', () => {
    expect(createSeverityTable({ info: Number.NaN, red: 1, blue: Number.NaN }).get('blue')).toBe(9)
  })
})

test.each([
  [10, 1],
  [20, 5],
  [30, 9],
  [35, 13],
  [40, 13],
  [50, 17],
  [60, 21],
  [100, 21],
  [0, 1],
  [Number.NaN, 9],
])('pino level %d is severity %i', (level, severity) => {
  expect(severityOfPinoLevel(level)).toBe(severity)
})

test('syslog severities 0 to 7', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(severityOfSyslog)).toEqual([23, 22, 21, 17, 13, 10, 9, 5, 9])
})
