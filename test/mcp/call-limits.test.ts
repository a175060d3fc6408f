import { expect, test } from 'vitest'

import { createCallLimits, LimitError } from '../../src/mcp/call-limits.ts'

const signal = new AbortController().signal

test('four run at a time, and the fifth when one of them has ended', async () => {
  const limits = createCallLimits()
  const ends: (() => void)[] = []
  let running = 0
  const runs = Array.from({ length: 6 }, () =>
    limits.run(
      async () => {
        running++
        await new Promise<void>((resolve) => ends.push(resolve))
        running--
      },
      { signal, millis: 60_000 },
    ),
  )
  await Promise.resolve()
  expect(running).toBe(4)
  while (ends.length > 0) {
    ends.shift()?.()
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await new Promise((resolve) => setImmediate(resolve))
    expect(running).toBeLessThanOrEqual(4)
  }
  await Promise.all(runs)
})

test('the thousandth call of a minute is the last, until the minute is over', async () => {
  let now = 0
  const limits = createCallLimits(() => now)
  const one = (): Promise<number> => limits.run(() => Promise.resolve(1), { signal, millis: 60_000 })
  for (let i = 0; i < 1_000; i++) void one()
  await expect(one()).rejects.toThrow(LimitError)
  now = 60_000
  await expect(one()).resolves.toBe(1)
})

test('a call that takes too long ends with the limit', async () => {
  const limits = createCallLimits()
  const never = limits.run(() => new Promise<never>(() => {}), { signal, millis: 1 })
  await expect(never).rejects.toThrow(/no answer within 0.001 s/)
})
