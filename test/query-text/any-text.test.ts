/**
 * A text that somebody types is a query that can be asked anywhere, or it is refused with its column. There is no third.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { compileMatcher } from '../../src/query-text/match.ts'
import { parseQueryText } from '../../src/query-text/parse.ts'
import { QuerySyntaxError } from '../../src/query-text/query-syntax-error.ts'
import { KNOWN_KEYS, subjectOf } from '../../src/query-text/terms.ts'
import { compileLokiQuery } from '../../src/sources/loki/loki-query.ts'
import { ODD_ROWS, queryTexts } from '../support/query-texts.ts'

const refusal = (text: string): QuerySyntaxError | undefined => {
  try {
    parseQueryText(text)
    return undefined
  } catch (error) {
    expect(error, text).toBeInstanceOf(QuerySyntaxError)
    return error as QuerySyntaxError
  }
}

test('any text is refused with a column inside it, or can be held against any row and asked of Loki', () => {
  fc.assert(
    fc.property(queryTexts(), (text) => {
      const error = refusal(text)
      const at = error?.at ?? 0
      expect(at >= 0 && at <= text.length).toBe(true)
      if (error !== undefined) return
      const matches = compileMatcher(text)
      for (const row of ODD_ROWS) expect(matches(row)).toBeTypeOf('boolean')
      expect(compileLokiQuery(text).logql).toBeTypeOf('string')
    }),
    { numRuns: 2_000 },
  )
})

describe('an operator that a key cannot answer is refused', () => {
  test.each([
    ['service>web', 7, ':, = or != (service is a text)'],
    ['a OR (service.version>=2)', 21, ':, = or != (service.version is a text)'],
    ['message<x', 7, ':, = or != (message is a text)'],
    ['logger>=x', 6, ':, = or != (logger is a text)'],
    ['name>5', 4, ':, = or != (name is a text)'],
    ['trace>4bf9', 5, ':, = or != (trace is an id)'],
    ['span<=00', 4, ':, = or != (span is an id)'],
    ['since!=15m', 5, ': or = (since is a bound)'],
    ['until>15m', 5, ': or = (until is a bound)'],
  ])('%s at column %i', (text, at, expected) => {
    expect(refusal(text)).toMatchObject({
      code: 'TRACELOG_QUERY_SYNTAX',
      at,
      message: expect.stringContaining(`at column ${at + 1}, but expected ${expected}`),
    })
  })
})

describe('a value that a key cannot answer is refused', () => {
  test.each([
    ['level:loud', 6],
    ['trace:xyz', 6],
    ['since:yesterday', 6],
    ['took:2*', 5],
    ['status>=many', 8],
    ['ok -(user.id>"x")', 13],
  ])('%s at column %i', (text, at) => {
    expect(refusal(text)).toMatchObject({ at })
  })
})

test('each known key asks for one thing', () => {
  for (const key of KNOWN_KEYS) expect(subjectOf(key).kind, key).toBeTypeOf('string')
  expect(subjectOf('body')).toEqual(subjectOf('message'))
  expect(subjectOf('attr.level')).toEqual({ kind: 'attribute', attribute: 'level' })
  expect(subjectOf('status')).toEqual(subjectOf('http.response.status_code'))
})
