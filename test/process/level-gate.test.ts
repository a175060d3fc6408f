import { describe, expect, test } from 'vitest'

import { createLevelGate } from '../../src/process/level-gate.ts'

const NO_RULES = { severity: undefined, scopes: [] }

describe('with no level set', () => {
  test('there is no threshold at all', () => {
    const gate = createLevelGate(NO_RULES)
    expect(gate.thresholdOf('winston')).toBeUndefined()
    expect(gate.lowestThreshold()).toBeUndefined()
  })

  test('a rule for one scope leaves the others as the application prints them', () => {
    const gate = createLevelGate({ severity: undefined, scopes: [{ prefix: 'db', severity: 13 }] })
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
    expect(createLevelGate(rules).thresholdOf(scope)).toBe(threshold)
  })

  test('levels change while running, for all and for one scope', () => {
    const gate = createLevelGate(rules)
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
    const gate = createLevelGate(rules)
    for (let index = 0; index < 5000; index++) gate.thresholdOf(`request.${index}`)
    expect(gate.thresholdOf('db.users')).toBe(5)
  })
})
