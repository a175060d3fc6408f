import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { OpenBatch } from '../../../src/export/open-batch.ts'
import { createFileTransport } from '../../../src/export/transports/file.ts'
import type { ExportRequest } from '../../../src/export/transports/transport.ts'
import { requestOf } from '../../../src/model/encoded-batch.ts'
import { encodeResource } from '../../../src/model/otlp-request.ts'
import { record } from '../harness.ts'

const CONFIG = { format: 'flat', line: 'full', maxBytes: 1_000_000, maxFiles: 2 } as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-file-transport-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function request(...scopes: readonly string[]): ExportRequest {
  const open = new OpenBatch({ signal: 'logs', resource: encodeResource({ attributes: {} }), maxRecords: 1000 })
  for (const [seq, name] of scopes.entries()) open.addLog(record(`${seq} of ${name}`), { name, version: '' }, seq)
  return { signal: 'logs', bytes: requestOf(open.take()!) }
}

function messages(path: string): readonly unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { message: unknown }).message)
}

test('each request is answered when its lines are written, in the order of the records', async () => {
  const path = join(folder, 'all.jsonl')
  const transport = createFileTransport({ ...CONFIG, path })
  expect(await transport.send(request('a', 'b', 'a'), 0)).toEqual({ kind: 'delivered' })
  expect(await transport.send(request('b'), 0)).toEqual({ kind: 'delivered' })
  transport.stop()
  expect(messages(path)).toEqual(['0 of a', '1 of b', '2 of a', '0 of b'])
})

test('lines that cannot be written are refused, by name and reason', async () => {
  const transport = createFileTransport({ ...CONFIG, path: '/dev/full' })
  const answer = await transport.send(request('a', 'b'), 0)
  transport.stop()
  expect(answer).toEqual({ kind: 'partial', rejected: 2, message: '/dev/full (ENOSPC)' })
})

test('what is no request is refused for good', async () => {
  const transport = createFileTransport({ ...CONFIG, path: join(folder, 'all.jsonl') })
  expect(await transport.send({ signal: 'logs', bytes: Uint8Array.of(255, 255, 255) }, 0)).toMatchObject({
    kind: 'rejected',
  })
  transport.stop()
})
