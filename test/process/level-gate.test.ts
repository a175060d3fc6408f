import { describe, expect, test } from 'vitest'

import { createLevelGate } from '../../src/process/level-gate.ts'

describe('with no level set', () => {
  test('there is no threshold at all', () => {
    const gate = createLevelGate({})
    expect(gate.thresholdOf('winston')).toBeUndefined()
    expect(gate.lowestThreshold()).toBeUndefined()
  })

  test('a rule for one scope leaves the others as the application prints them', () => {
    const gate = createLevelGate({ file: { severity: undefined, scopes: [{ prefix: 'db', severity: 13 }] } })
    expect(gate.thresholdOf('web')).toBeUndefined()
    expect(gate.thresholdOf('db')).toBe(13)
    expect(gate.lowestThreshold()).toBe(13)
  })
})

describe('info,db=debug,db.pool=error,http=warn', () => {
  const rules = {
    severity: 9,
    scopes: [
      { prefix: 'db', severity: 5 },
      { prefix: 'db.pool', severity: 17 },
      { prefix: 'http', severity: 13 },
      { prefix: '@acme/jobs', severity: 1 },
    ],
  }

  test.each([
    { scope: 'web', threshold: 9 },
    { scope: '', threshold: 9 },
    { scope: 'db', threshold: 5 },
    { scope: 'db.users', threshold: 5 },
    { scope: 'db:users', threshold: 5 },
    { scope: 'db/users', threshold: 5 },
    { scope: 'dbx', threshold: 9 },
    { scope: 'DB', threshold: 9 },
    { scope: 'db.pool', threshold: 17 },
    { scope: 'db.pool.idle', threshold: 17 },
    { scope: 'db.pooled', threshold: 5 },
    { scope: 'http', threshold: 13 },
    { scope: '@acme/jobs', threshold: 1 },
    { scope: '@acme/jobs/mail', threshold: 1 },
    { scope: '@acme', threshold: 9 },
  ])('scope "$scope" is exported from $threshold up', ({ scope, threshold }) => {
    expect(createLevelGate({ environment: rules }).thresholdOf(scope)).toBe(threshold)
  })

  test('levels change while running, for all and for one scope', () => {
    const gate = createLevelGate({ environment: rules })
    expect(gate.thresholdOf('web')).toBe(9)
    gate.setLevel(5)
    expect(gate.thresholdOf('web')).toBe(5)
    gate.setLevel(21, 'web')
    expect(gate.thresholdOf('web.a')).toBe(21)
    gate.setLevel(25, 'db')
    expect(gate.thresholdOf('db')).toBe(25)
    expect(gate.lowestThreshold()).toBe(1)
  })

  test('any number of scope names is answered in bounded memory', () => {
    const gate = createLevelGate({ environment: rules })
    for (let index = 0; index < 5000; index++) gate.thresholdOf(`request.${index}`)
    expect(gate.thresholdOf('db.users')).toBe(5)
  })
})

describe('several sources', () => {
  const gate = () =>
    createLevelGate({
      environment: { severity: 13, scopes: [{ prefix: 'db', severity: 17 }] },
      file: { severity: 9, scopes: [{ prefix: 'http', severity: 25 }] },
    })

  test('of what they say of the same scope, the strongest counts', () => {
    const levels = gate()
    expect(['web', 'db', 'http'].map((scope) => levels.thresholdOf(scope))).toEqual([9, 17, 25])
    levels.replace('command', { severity: undefined, scopes: [{ prefix: 'db', severity: 1 }] })
    levels.setLevel(21, 'db')
    levels.setLevel(5)
    expect(['web', 'db', 'http'].map((scope) => levels.thresholdOf(scope))).toEqual([5, 1, 25])
    levels.replace('command', { severity: undefined, scopes: [] })
    expect(['web', 'db', 'http'].map((scope) => levels.thresholdOf(scope))).toEqual([5, 21, 25])
  })

  test('what is told of a change is what is different, once', () => {
    const levels = gate()
    expect(levels.replace('environment', { severity: 1, scopes: [{ prefix: 'db', severity: 17 }] })).toEqual([])
    expect(levels.setLevel(9)).toEqual([])
    expect(levels.replace('command', { severity: 5, scopes: [{ prefix: 'db.pool', severity: 5 }] })).toEqual([
      { scope: undefined, before: 9, now: 5, source: 'command' },
      { scope: 'db.pool', before: 17, now: 5, source: 'command' },
    ])
    expect(levels.replace('command', { severity: undefined, scopes: [] })).toEqual([
      { scope: undefined, before: 5, now: 9, source: 'command' },
      { scope: 'db.pool', before: 5, now: 17, source: 'command' },
    ])
  })
})
