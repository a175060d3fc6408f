/**
 * Row 18: values of hostile sizes: a call takes 5 ms and 1 MiB at most. That nothing is thrown at the application, whatever it hands to
 * us, is test/app/hostile-values.test.ts (1,000 values at every place where they meet us) and test/app/thrown-values.test.ts.
 */
import { beforeAll, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver } from '../support/receiver.ts'

/** Milliseconds of processor time. */
const MAX_MILLIS = 5
const MAX_BYTES = 1024 * 1024

interface Cost {
  readonly millis: number
  readonly bytes: number
  /** What V8 takes to list the keys of the value, before it gives the first one: nobody can have them for less, and winston's are looked at twice. */
  readonly floor: number
}

let measured: Readonly<Record<string, Cost>>
let logs: { readonly emitted: number; readonly delivered: number }
let stderr: string

beforeAll(async () => {
  const receiver = await startReceiver()
  const end = await runChild('scorecard/sizes.cjs', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
  await receiver.close()
  stderr = end.stderr
  ;({ measured, logs } = JSON.parse(end.stdout) as { measured: typeof measured; logs: typeof logs })
}, 120_000)

test('each call is bounded in time, whatever it is given', () => {
  const limit = slack(MAX_MILLIS)
  const slow = Object.entries(measured).filter(([, { millis, floor }]) => millis > limit + 3 * floor)
  expect(slow).toEqual([])
})

test('and in memory; nothing is said, and every record arrives', () => {
  expect(Object.entries(measured).filter(([, { bytes }]) => bytes > MAX_BYTES)).toEqual([])
  expect(stderr).toBe('')
  expect(logs).toMatchObject({ emitted: 12 * 3 * 3, delivered: 12 * 3 * 3 })
})
