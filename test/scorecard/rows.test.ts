import { existsSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { scaled, SCALE_VARIABLE } from '../support/scale.ts'
import { filesOf } from './files.ts'
import { pointsOf, type FileResult } from './points.ts'
import { ROWS, type ScorecardRow } from './rows.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the table of the scorecard', () => {
  test('names only tests that exist', () => {
    expect(ROWS.flatMap((row) => filesOf(row)).filter((file) => !existsSync(`${root}${file}`))).toEqual([])
  })

  test('has a row for each file of this folder', () => {
    const named = new Set(ROWS.flatMap((row) => filesOf(row)))
    const own = globSync('test/scorecard/*.test.ts', { cwd: root }).filter((file) => !file.endsWith('/rows.test.ts'))
    expect(own.filter((file) => !named.has(file))).toEqual([])
  })

  test('says what is left where no test shows a row', () => {
    expect(ROWS.filter((row) => filesOf(row).length === 0 && row.left === undefined)).toEqual([])
  })
})

describe('points', () => {
  const row: ScorecardRow = { row: 1, title: 'one', shownBy: [] }
  const ok: FileResult = { module: 'a', isOk: true, passed: 3, failed: [], skipped: [] }
  const failed = { ...ok, isOk: false, failed: [{ name: 'is red' }] }

  test.each([
    { what: 'all passed', left: undefined, results: [ok], points: 4, remark: '' },
    { what: 'something is left', left: 'the page', results: [ok], points: 2, remark: 'left: the page' },
    { what: 'a test failed', left: undefined, results: [failed], points: 0, remark: 'failed: is red' },
    { what: 'a file broke', left: undefined, results: [{ ...ok, isOk: false }], points: 0, remark: 'failed: a' },
    {
      what: 'a test was skipped',
      left: undefined,
      results: [{ ...ok, skipped: [{ name: 'no redis' }] }],
      points: 0,
      remark: 'skipped: no redis',
    },
    { what: 'a file never reported', left: undefined, results: [], points: 0, remark: 'did not report: a' },
  ])('are $points when $what', ({ left, results, points, remark }) => {
    const given = left === undefined ? row : { ...row, left }
    const found = pointsOf(given, ['a'], new Map(results.map((result) => [result.module, result])))
    expect(found).toMatchObject({ points, remark })
  })

  test('are 0 when no test shows the row', () => {
    expect(pointsOf(row, [], new Map())).toMatchObject({ points: 0, remark: 'no test shows it' })
  })
})

describe('sizes', () => {
  afterEach(() => vi.unstubAllEnvs())

  test.each([
    { asked: '', size: 5 },
    { asked: 'full', size: 100 },
  ])('are $size when "$asked" is asked for', ({ asked, size }) => {
    vi.stubEnv(SCALE_VARIABLE, asked)
    expect(scaled({ pullRequest: 5, full: 100 })).toBe(size)
  })
})
