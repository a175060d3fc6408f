import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createJudge } from '../../../src/backend/rules/judge.ts'
import { rowOf } from '../../../src/backend/rules/subject.ts'
import { shapeRequest } from '../../../src/backend/rules/shape-request.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { recordOfText } from '../../../src/model/log-record.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../../src/model/otlp-decode.ts'
import { matchesText } from './oracle.ts'
import { logsRequest, tracesRequest } from './requests.ts'
import { rulesOfText } from './rules-text.ts'

const record = (fields: Partial<LogRecord> = {}): LogRecord => ({ ...recordOfText('hello', 5n), ...fields })

/** What is left of records of the service `shop` and the scope `app`. */
function kept(rules: string, records: readonly LogRecord[]): readonly LogRecord[] {
  const bytes = logsRequest([{ service: 'shop', scope: 'app', records }])
  const shaped = shapeRequest(createJudge(rulesOfText(rules)), { signal: 'logs', bytes, receivedUnixNano: 7n })
  const left = decodeLogsRequest(shaped.bytes).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.records))
  expect(left).toHaveLength(shaped.count)
  return left
}

const one = (doing: string, rest = ''): string => `rules:\n  - name: a\n    do: ${doing}\n${rest}`

describe('each action', () => {
  test('drop', () => {
    const left = kept(one('drop', '    when: level<info'), [
      record({ severityNumber: 5 }),
      record({ severityNumber: 9 }),
    ])
    expect(left.map(({ severityNumber }) => severityNumber)).toEqual([9])
  })

  test('tag: never over one that is there', () => {
    const [left] = kept(one('{tag: {team: billing, count: 2, isPaid: true}}'), [
      record({ attributes: { team: 'own' } }),
    ])
    expect(left!.attributes).toEqual({ team: 'own', count: 2, isPaid: true })
  })

  test('level: the old one stays to be seen, as its logger wrote it', () => {
    const left = kept(one('{level: warn}'), [
      record({ severityNumber: 9, severityText: 'notice' }),
      record({ severityNumber: 0, severityText: 'debug' }),
      record({ severityNumber: 13, severityText: 'WARN' }),
    ])
    expect(
      left.map(({ severityNumber, severityText, attributes }) => [severityNumber, severityText, attributes]),
    ).toEqual([
      [13, 'warn', { 'tracelog.rule.level_was': 'notice' }],
      [13, 'warn', { 'tracelog.rule.level_was': 'debug' }],
      [13, 'WARN', {}],
    ])
  })

  test('redact: keys at any depth, in any case, with the keys above them, and in a body that is a map', () => {
    const attributes = {
      iban: 'DE1',
      'customer.IBAN': 'DE2',
      ibanish: 'x',
      card: { holder: 'Ann', number: 4 },
      list: [{ card: { holder: 'Bob' } }, 'iban'],
      holder: 'kept',
    }
    const [left] = kept(one('{redact: [iban, card.holder]}'), [
      record({ attributes, body: { iban: 'DE3', text: 'a' } }),
    ])
    expect(left).toMatchObject({
      body: { iban: '[redacted]', text: 'a' },
      attributes: {
        iban: '[redacted]',
        'customer.IBAN': '[redacted]',
        ibanish: 'x',
        card: { holder: '[redacted]', number: 4 },
        list: [{ card: { holder: '[redacted]' } }, 'iban'],
        holder: 'kept',
      },
    })
  })

  test('redact: the body too', () => {
    const [left] = kept(one('{redact: {body: true}}'), [record()])
    expect(left!.body).toBe('[redacted]')
  })

  test('what is nested too deep to be written again is hidden whole', () => {
    let deep: Record<string, unknown> = { iban: 'DE1' }
    for (let depth = 0; depth < 14; depth++) deep = { deep }
    const [left] = kept(one('{redact: [iban]}'), [record({ attributes: { deep, other: 1 } as never })])
    expect(JSON.stringify(left!.attributes)).not.toContain('DE1')
    expect(left!.attributes['other']).toBe(1)
  })
})

describe('order', () => {
  test('a later rule sees what an earlier one has made', () => {
    const rules = `${one('{tag: {team: billing}}')}\n  - {name: b, when: 'team:billing', do: {level: error}}\n  - {name: c, when: 'level:error', do: drop}`
    expect(kept(rules, [record()])).toEqual([])
  })

  test('stop and keep end the rules', () => {
    const last = '\n  - {name: z, do: drop}'
    expect(kept(`${one('{tag: {a: 1}}', '    then: stop')}${last}`, [record()])).toHaveLength(1)
    expect(kept(`${one('keep')}${last}`, [record()])).toHaveLength(1)
    expect(kept(`${one('{tag: {a: 1}}')}${last}`, [record()])).toEqual([])
  })

  test('of: logs, spans or both', () => {
    const judge = createJudge(rulesOfText('rules:\n  - {name: a, of: spans, do: drop}'))
    const logs = logsRequest([{ service: 'shop', scope: 'app', records: [record()] }])
    expect(shapeRequest(judge, { signal: 'logs', bytes: logs, receivedUnixNano: 0n }).bytes).toBe(logs)
    expect([judge.concerns('logs'), judge.concerns('spans')]).toEqual([false, true])
  })
})

test('spans: by name, level, duration and attributes; also in their events', () => {
  const rules = rulesOfText(`rules:
  - {name: slow, of: spans, when: 'took>=20ms name:"GET /a" level:error', do: {tag: {slow: true}}}
  - {name: hide, of: both, do: {redact: [token]}}`)
  const bytes = tracesRequest('shop', [
    { name: 'GET /a', millis: 25, isError: true, eventAttributes: { token: 't', n: 1 } },
    { name: 'GET /a', millis: 5, isError: true, eventAttributes: {} },
  ])
  const shaped = shapeRequest(createJudge(rules), { signal: 'spans', bytes, receivedUnixNano: 0n })
  const spans = decodeTracesRequest(shaped.bytes).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.spans))
  expect(spans.map(({ attributes }) => attributes['slow'])).toEqual([true, undefined])
  expect(spans[0]!.events[0]!.attributes).toEqual({ token: '[redacted]', n: 1 })
  expect(shaped.matched).toEqual([1, 2])
})

test('each delivery is given its own part, as it was shaped; a dropped record is given to nobody', () => {
  const rules = rulesOfText(`rules:
  - {name: all, do: [{file: {path: all.jsonl}}, {tag: {seen: 1}}]}
  - {name: errors, when: 'level>=error', do: {file: {path: errors.jsonl}}}
  - {name: gone, when: 'level<info', do: drop}`)
  const records = [1, 9, 17].map((severityNumber) => record({ severityNumber }))
  const bytes = logsRequest([{ service: 'shop', scope: 'app', records }])
  const { parts, dropped, count } = shapeRequest(createJudge(rules), { signal: 'logs', bytes, receivedUnixNano: 0n })
  const severities = parts.map((part) => [
    part.delivery,
    part.count,
    decodeLogsRequest(part.bytes).flatMap(({ scopes }) =>
      scopes.flatMap((scope) => scope.records.map((each) => [each.severityNumber, each.attributes['seen']])),
    ),
  ])
  expect(severities).toEqual([
    [
      0,
      2,
      [
        [9, 1],
        [17, 1],
      ],
    ],
    [1, 1, [[17, 1]]],
  ])
  expect([dropped, count]).toEqual([[0, 0, 1], 2])
})

test('records of plugins are given to no plugin and sent nowhere', () => {
  const rules = rulesOfText(`rules:
  - {name: a, do: [{exec: {module: a.mjs}}, {forward: {endpoint: 'http://a.example'}}, {file: {path: a.jsonl}}]}`)
  const bytes = logsRequest([{ service: 'shop', scope: 'tracelog.rule', records: [record()] }])
  const { parts } = shapeRequest(createJudge(rules), { signal: 'logs', bytes, receivedUnixNano: 0n })
  expect(parts.map(({ delivery }) => delivery)).toEqual([2])
})

/** Any records, any rules: what is left is what a reading of the rules by hand leaves. */
test('shaping agrees with an oracle of records', () => {
  const words = fc.constantFrom('red', 'green', 'blue')
  const drawnRecord = fc
    .record({ word: words, level: fc.constantFrom(1, 5, 9, 13, 17), a: fc.nat(3), nested: words })
    .map(({ word, level, a, nested }) =>
      record({
        body: `it is ${word}`,
        severityNumber: level,
        attributes: { a, in: { side: nested, list: [a, nested] } },
      }),
    )
  const drawnRule = fc.record({
    when: fc.constantFrom('red', '-red', 'a>=2', 'level>=warn', 'in.side:blue', 'seen:1', ''),
    action: fc.constantFrom('drop', 'keep', '{tag: {seen: 1}}', '{level: error}', '{redact: [side]}', '{redact: [a]}'),
    next: fc.constantFrom('next', 'stop'),
  })
  fc.assert(
    fc.property(fc.array(drawnRecord, { maxLength: 12 }), fc.array(drawnRule, { maxLength: 6 }), (records, drawn) => {
      const text = drawn.map(
        ({ when, action, next }, index) => `  - {name: r${index}, when: '${when}', do: ${action}, then: ${next}}`,
      )
      const left = kept(`rules: ${drawn.length === 0 ? '[]' : ''}\n${text.join('\n')}`, records)
      const expected = records.flatMap((each) => oracle(each, drawn) ?? [])
      expect(left.map(({ body, severityNumber, attributes }) => ({ body, severityNumber, attributes }))).toEqual(
        expected,
      )
    }),
    { numRuns: 300 },
  )
})

interface Drawn {
  readonly when: string
  readonly action: string
  readonly next: string
}

function oracle(each: LogRecord, rules: readonly Drawn[]): unknown {
  const state = structuredClone({
    body: each.body,
    severityNumber: each.severityNumber,
    attributes: each.attributes,
  }) as {
    body: string
    severityNumber: number
    attributes: Record<string, unknown>
  }
  for (const { when, action, next } of rules) {
    if (!matchesText(state, when)) continue
    if (action === 'drop') return undefined
    if (action === 'keep') break
    if (action.startsWith('{tag')) state.attributes['seen'] ??= 1
    if (action.startsWith('{level') && state.severityNumber !== 17) {
      const was = { 1: 'TRACE', 5: 'DEBUG', 9: 'INFO', 13: 'WARN' }[state.severityNumber]
      state.attributes['tracelog.rule.level_was'] ??= was
      state.severityNumber = 17
    }
    if (action.includes('side')) (state.attributes['in'] as Record<string, unknown>)['side'] = '[redacted]'
    if (action.includes('[a]')) state.attributes['a'] = '[redacted]'
    if (next === 'stop') break
  }
  return state
}

test('a key as long as a client likes is not repeated for each value below it', () => {
  const key = 'k'.repeat(40_000)
  const below = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`v${n}`, n]))
  const [left] = kept(one('{redact: [v7]}', '    when: "v7:7 OR -x:1"'), [record({ attributes: { [key]: below } })])
  expect(left!.attributes[key]).toMatchObject({ v6: 6, v7: '[redacted]' })
  const row = rowOf({ signal: 'logs', item: left!, resource: { attributes: {} }, scope: { name: '', version: '' } })
  expect(Object.keys(row).filter((name) => name.startsWith('kkk'))).toEqual([key])
})

test('a word for a level is kept in part where it is long', () => {
  const [left] = kept(one('{level: warn}'), [record({ severityNumber: 9, severityText: 'i'.repeat(3_000_000) })])
  expect(left!.attributes['tracelog.rule.level_was']).toBe('i'.repeat(256))
})
