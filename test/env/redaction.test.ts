/** What is hidden in a record before it leaves. */
import { expect, test } from 'vitest'

import { run } from './run.ts'

const SAID = JSON.stringify({ message: 'the order A-17 is paid', password: 'p', iban: 'i', colour: 'red' })

async function said(env: Record<string, string>): Promise<Record<string, unknown>> {
  const { logs } = await run('env/says.cjs', [SAID], env)
  const { body, attributes } = logs[0]!.record
  const { password, iban, colour } = attributes
  return { body, password, iban, colour }
}

const CLEAR = { body: 'the order A-17 is paid', password: 'p', iban: 'i', colour: 'red' }
const HIDDEN = '[redacted]'

test('TRACELOG_REDACT is on: what is known as a secret is hidden', async () => {
  expect(await said({})).toEqual({ ...CLEAR, password: HIDDEN })
})

test('TRACELOG_REDACT=off: nothing is', async () => {
  expect(await said({ TRACELOG_REDACT: 'off' })).toEqual(CLEAR)
})

test('TRACELOG_REDACT_KEYS: one key more, one key less', async () => {
  expect(await said({ TRACELOG_REDACT_KEYS: '+iban,-password' })).toEqual({ ...CLEAR, iban: HIDDEN })
})

test('TRACELOG_REDACT_PATTERNS: also hidden in every text', async () => {
  const { body } = await said({ TRACELOG_REDACT_PATTERNS: 'A-\\d+\nno such text' })
  expect(body).toBe(`the order ${HIDDEN} is paid`)
})
