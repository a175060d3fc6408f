/**
 * A line is recorded once per call: what a bridged logger prints by console is the logger's record, any other line is its own.
 */
import { expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { startReceiver } from '../../support/receiver.ts'

test('winston and console side by side', async () => {
  const receiver = await startReceiver()
  const bare = await runChild('loggers/echo.cjs', { preload: 'none' })
  const end = await runChild('loggers/echo.cjs', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
  await receiver.close()
  const withoutTime = (text: string) => text.replaceAll(/"timestamp":"[^"]*"/g, '')
  expect(withoutTime(end.stdout)).toBe(withoutTime(bare.stdout))
  expect(end).toMatchObject({ stderr: bare.stderr, code: 0 })

  const bodies = (name: string) =>
    receiver.receivedLogs.filter(({ scope }) => scope.name === name).map(({ record }) => record.body)
  expect(bodies('winston')).toEqual([
    'stored 0',
    'stored 1',
    'stored 2',
    'stored 3',
    'forced json',
    'own json\nb',
    'forced line',
    'own line\nb',
    'forced late',
    'own late\nb',
    'outer',
    'inner',
  ])
  expect(bodies('console')).toEqual([
    'info stored 0',
    'info stored 1',
    'info stored 2',
    'info stored 3',
    'about to print',
    'about to print',
    'INNER',
    'OUTER',
    'info own line\nb',
    'outer',
    'outer',
    'inspected 1',
    '{ a: 1 }',
    'caught { n: [Getter] }',
    "[ 'caught { n: [Getter] }\\n' ] 1",
  ])
})
