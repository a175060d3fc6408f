/** Records that come as bytes, written by who knows their fields: whole or not at all, between those of the general path. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import type { WriteFields } from '../../src/model/otlp-encode.ts'
import { LOG_RECORD } from '../../src/model/otlp-schema.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { emit, expectIdentity, pipelineTo, SCOPE } from './harness.ts'

const KIND = { signal: 'logs', scope: SCOPE, severityNumber: 9 } as const

const writeBody: WriteFields<string> = (writer, body, seq) => {
  writer.valueField(LOG_RECORD.body, body)
  writer.attribute(LOG_RECORD.attributes, 'tracelog.seq', seq)
}

let receiver: Receiver
let pipeline: ExportPipeline

beforeEach(async () => {
  receiver = await startReceiver()
  pipeline = pipelineTo(receiver.url)
})
afterEach(async () => {
  await pipeline.shutdown({ timeoutMillis: 1 })
  await receiver.close()
})

test('they stand among the others, numbered in one row', async () => {
  emit(pipeline, 1)
  expect(pipeline.append(KIND, 'written', writeBody)).toBe(true)
  emit(pipeline, 1)
  await pipeline.flush()
  expect(receiver.receivedLogs.map(({ record: { body, attributes } }) => [body, attributes['tracelog.seq']])).toEqual([
    ['record 0', 0],
    ['written', 1],
    ['record 0', 2],
  ])
  expect(pipeline.stats().logs.delivered).toBe(3)
  expectIdentity(pipeline.stats())
})

test.each<[string, WriteFields<string>]>([
  [
    'throws half-way',
    (writer, body, seq) => {
      writeBody(writer, body, seq)
      throw new Error('broken')
    },
  ],
  ['writes more than a record may hold', (writer, body, seq) => writeBody(writer, body.padEnd(40_000, 'x'), seq)],
])('a writer that %s leaves nothing behind, and takes no number', async (_, write) => {
  emit(pipeline, 1)
  expect(pipeline.append(KIND, 'broken', write)).toBe(false)
  expect(pipeline.append(KIND, 'written', writeBody)).toBe(true)
  await pipeline.flush()
  expect(receiver.receivedLogs.map(({ record: { body, attributes } }) => [body, attributes['tracelog.seq']])).toEqual([
    ['record 0', 0],
    ['written', 1],
  ])
  expect(pipeline.stats().logs.emitted).toBe(2)
})
