import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { decodeLogsJson } from '../support/wire.ts'
import { runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
let folder: string
let file: string

beforeEach(async () => {
  receiver = await startReceiver()
  folder = mkdtempSync(join(tmpdir(), 'tracelog-destinations-'))
  file = join(folder, 'all.jsonl')
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await receiver.close()
})

function run(
  env: Record<string, string>,
  [end = 'exit3', handler = 'none', name = 'r', count = '50']: readonly string[] = [],
) {
  return runChild('ends/end.cjs', {
    args: [end, handler, name, count],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  })
}

function lines(): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('the file gets every record as a flat line, in order, beside the endpoint', async () => {
  expect(await run({ TRACELOG_FILE: file })).toMatchObject({ code: 3, stderr: '' })
  expect(receiver.receivedLogs).toHaveLength(50)
  expect(lines().map((line) => line['message'])).toEqual(Array.from({ length: 50 }, (_, i) => `r-${i}`))
  expect(Object.keys(lines()[0] ?? {}).slice(0, 4)).toEqual(['timestamp', 'service', 'level', 'message'])
  expect(lines()[7]).toMatchObject({ service: '@org/tracelog', level: 'INFO', logger: 'app', seq: 7 })
})

test('the file alone takes everything, and nothing is sent', async () => {
  const env = { TRACELOG_FILE: file, OTEL_LOGS_EXPORTER: 'file', OTEL_TRACES_EXPORTER: 'none' }
  expect(await run(env)).toMatchObject({ code: 3, stderr: '' })
  expect(lines()).toHaveLength(50)
  expect(receiver.requests).toHaveLength(0)
})

test('the file is whole although the endpoint is down', async () => {
  await receiver.stopListening()
  const ended = await run({ TRACELOG_FILE: file })
  expect(ended.stderr).toContain('nothing answers')
  expect(lines()).toHaveLength(50)
})

test('as OTLP the file holds one LogsData per line', async () => {
  await run({ TRACELOG_FILE: file, TRACELOG_FILE_FORMAT: 'otlp', OTEL_LOGS_EXPORTER: 'file' })
  const logs = readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => decodeLogsJson(line))
  expect(logs.map((log) => log.record.body)).toEqual(Array.from({ length: 50 }, (_, i) => `r-${i}`))
})

test('TRACELOG_LINE=minimal leaves out what is not needed to read', async () => {
  await run({ TRACELOG_FILE: file, TRACELOG_LINE: 'minimal' })
  expect(lines()[0]).toEqual({ timestamp: expect.any(String), service: '@org/tracelog', level: 'INFO', message: 'r-0' })
})

test('several processes share a file: every line is whole', async () => {
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((name) => run({ TRACELOG_FILE: file }, ['natural', 'none', name, '2000'])))
  const messages = lines().map((line) => line['message'])
  expect(messages).toHaveLength(8000)
  for (const name of names) {
    expect(messages.filter((message) => String(message).startsWith(`${name}-`))).toEqual(
      Array.from({ length: 2000 }, (_, i) => `${name}-${i}`),
    )
  }
})

test('a file that cannot be written is said once, and the endpoint gets everything', async () => {
  const ended = await run({ TRACELOG_FILE: '/dev/full' })
  expect(ended.stderr).toBe('tracelog: 50 records dropped by the lane file (rejected: /dev/full (ENOSPC))\n')
  expect(receiver.receivedLogs).toHaveLength(50)
})

test('none accepts nothing', async () => {
  expect(await run({ OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' })).toMatchObject({ code: 3, stderr: '' })
  expect(receiver.requests).toHaveLength(0)
})

test('http/json arrives as protobuf does', async () => {
  await run({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' })
  expect(receiver.receivedLogs.map((log) => log.record.body)).toEqual(Array.from({ length: 50 }, (_, i) => `r-${i}`))
})

test('a protocol that nobody speaks is one loud line, and http/protobuf', async () => {
  const ended = await run({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grcp' })
  expect(ended.stderr.match(/tracelog: /g)).toHaveLength(1)
  expect(ended.stderr).toContain(
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grcp", but must be one of http/protobuf, http/json, grpc',
  )
  expect(receiver.receivedLogs).toHaveLength(50)
})

test('TRACELOG_LEVEL decides what is sent', async () => {
  await run({ TRACELOG_LEVEL: 'warn' })
  expect(receiver.receivedLogs).toHaveLength(0)
})

test('TRACELOG_RECORD_UID=on gives each record an id of its own', async () => {
  await run({ TRACELOG_RECORD_UID: 'on' })
  const uids = receiver.receivedLogs.map((log) => log.record.attributes['log.record.uid'])
  expect(new Set(uids).size).toBe(50)
  expect(uids.every((uid) => typeof uid === 'string' && uid.length === 36)).toBe(true)
})
