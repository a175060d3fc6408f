import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('TRACELOG_FILE is the aggregated file, beside the other exporters', () => {
  expect(configOf({}).destinations.file).toBeUndefined()
  const { destinations } = configOf({ TRACELOG_FILE: 'all.jsonl' })
  expect(destinations.file).toEqual({
    path: 'all.jsonl',
    format: 'flat',
    line: 'full',
    maxBytes: 67_108_864,
    maxFiles: 5,
  })
  expect(destinations.logs).toEqual({ otlp: true, console: false, file: true })
})
