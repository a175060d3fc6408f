/**
 * A transport that takes no more costs no record: winston keeps what it cannot hand on, and we do not wait for it.
 */
import { expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { startReceiver } from '../../support/receiver.ts'

test.each(['logger', 'transport'].flatMap((where) => ['exit', 'natural', 'kill'].map((end) => ({ where, end }))))(
  'all records arrive, without what the format of the $where takes out (end: $end)',
  async ({ where, end }) => {
    const receiver = await startReceiver()
    const args = [where, end]
    await runChild('loggers/stuck.cjs', { args, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
    await receiver.close()
    const records = receiver.receivedLogs.map(({ record }) => record)
    const byNumber = records.toSorted((a, b) => Number(a.attributes['i']) - Number(b.attributes['i']))
    expect(byNumber.map(({ body }) => body)).toEqual(Array.from({ length: 80 }, (_, i) => `record ${i}`))
    expect(byNumber.map(({ attributes }) => attributes)).toEqual(
      Array.from({ length: 80 }, (_, i) => ({ i, 'tracelog.seq': expect.any(Number) as number })),
    )
    const times = byNumber.map(({ timeUnixNano }) => timeUnixNano)
    // The time of the call, though the record was made a second later.
    expect(Number((times.at(-1) as bigint) - (times[0] as bigint))).toBeLessThan(9e8)
  },
)
