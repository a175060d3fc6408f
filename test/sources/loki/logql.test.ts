/**
 * Query text as LogQL. That it finds the right records is the contract's (test/contract/source.contract.ts); here stands what is
 * asked of Loki, so that a cheap question does not become an expensive one, and that nothing a user wrote becomes LogQL.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { foldKey } from '../../../src/sources/loki/fold-key.ts'
import { EVERYTHING } from '../../../src/sources/loki/logql.ts'
import { quoted } from '../../../src/sources/loki/logql-text.ts'
import { compileLokiQuery } from '../../../src/sources/loki/loki-query.ts'

const logql = (text: string): string => compileLokiQuery(text).logql

describe('what Loki is asked', () => {
  test.each([
    ['', EVERYTHING],
    ['service:api', '{service_name="api"} | service_name="api"'],
    ['level>=warn', `${EVERYTHING} | ((severity_number>=13) or severity_number="")`],
    ['-level>=warn', `${EVERYTHING} | (severity_number<13 or severity_number="")`],
    ['status>=500', `${EVERYTHING} | http_response_status_code>=500`],
    ['status:404', `${EVERYTHING} | http_response_status_code==404`],
    ['took>1s', `${EVERYTHING} | tracelog_response_time_ms>999.999`],
    ['path:/api/*', String.raw`${EVERYTHING} | url_path=~"^(?s:/api/.*)$"`],
    ['user.id:42', `${EVERYTHING} | user_id="42"`],
    ['-user.id:42', `${EVERYTHING} | (user_id!="42" or user_id="")`],
    ['timeout', `${EVERYTHING} |~ "(?:(?is)t[i\\u0130]meout)|^$"`],
    [
      'status:404 OR level:error',
      `${EVERYTHING} | (http_response_status_code==404 or ((severity_number>=17 and severity_number<=20) or severity_number=""))`,
    ],
    ['-health', `${EVERYTHING} !~ "(?:[hH][eE][aA][lL][tT][hH])"`],
    ['-größe', EVERYTHING],
    [
      'ok OR status:404',
      `${EVERYTHING} | label_format tracelog_query_line=\`{{__line__}}\` | ((tracelog_query_line=~"^(?s:.*(?:(?is)ok).*)$" or tracelog_query_line="") or http_response_status_code==404) | drop tracelog_query_line`,
    ],
    // Not to be said in LogQL.
    ['message:x', EVERYTHING],
    ['message:x OR status:404', EVERYTHING],
    // These names are words of LogQL's grammar.
    ['json:x', EVERYTHING],
    // As is a name without a letter.
    ['since:15m', EVERYTHING],
  ])('%j', (text, expected) => {
    expect(logql(text)).toBe(expected)
  })

  test('is not longer than Loki takes', () => {
    const long = Array.from({ length: 400 }, (_, i) => `"${'x'.repeat(300)}${i}"`).join(' OR ')
    expect(logql(`(${long}) service:api`)).toBe(EVERYTHING)
  })

  test('is of the time that the text says', () => {
    const now = Date.parse('2026-11-21T12:00:00Z')
    expect(compileLokiQuery('since:15m until:5m since:10m', now)).toMatchObject({
      since: BigInt(now - 600_000) * 1_000_000n,
      until: BigInt(now - 300_000) * 1_000_000n,
    })
    expect(compileLokiQuery('since:15m OR timeout', now).since).toBeUndefined()
  })
})

test('whatever a user wrote stays within quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const literal = quoted(text)
      expect(literal).toMatch(/^"(?:[^"\\\n]|\\["\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"$/)
      const read = literal
        .slice(1, -1)
        .replaceAll(
          /\\(?:U([0-9a-f]{8})|u([0-9a-f]{4})|(["\\]))/g,
          (_all, long?: string, short?: string, plain?: string) =>
            plain ?? String.fromCodePoint(Number.parseInt((long ?? short) as string, 16)),
        )
      expect(read).toBe(text)
    }),
  )
})

test.each([
  ['http.route', 'http_route'],
  ['a-b', 'a_b'],
  ['a..b', 'a_b'],
  ['1digit', 'key_1digit'],
  ['ünï', '_n_'],
  ['日本', 'key_'],
  ['_x', '_x'],
  ['A.B', 'A_B'],
])('%j is kept by Loki as %j', (name, folded) => {
  expect(foldKey(name)).toBe(folded)
})
