/** `--syslog`: what a sender sends over TCP and UDP, to a real backend. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createConnection } from 'node:net'

import { expect, onTestFinished, test, vi } from 'vitest'

import { takeSyslog, type TakenSyslog } from '../../../src/cli/access-log/take-syslog.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { decodeLogsRequest } from '../../../src/model/otlp-decode.ts'
import { startTestBackend } from '../../backend/support/backend.ts'
import { ACCESS_CASES } from '../../contract/access-lines.ts'

const WAIT = { timeout: 20_000 }
/** As HAProxy's `format rfc5424` writes it, and as nginx's `access_log syslog:` does. */
const rfc5424 = (line: string): string => `<134>1 2026-11-30T12:00:00.000000+00:00 host haproxy 12 - - ${line}`
const rfc3164 = (line: string): string => `<190>Nov 30 12:00:00 host nginx: ${line}`
const counted = (message: string): string => `${Buffer.byteLength(message)} ${message}`

interface Scene {
  readonly syslog: TakenSyslog
  readonly port: number
  readonly records: () => readonly LogRecord[]
}

async function startScene(): Promise<Scene> {
  const { ready, stages } = await startTestBackend()
  const syslog = await takeSyslog(0, { endpoint: ready.otlp_http })
  onTestFinished(() => syslog.stop())
  return {
    syslog,
    port: Number(syslog.address.split(':')[1]),
    records: () =>
      stages.requests
        .flatMap((request) => decodeLogsRequest(request.bytes))
        .flatMap(({ scopes }) => scopes.flatMap(({ records }) => records)),
  }
}

async function sendStream(port: number, text: string | Uint8Array): Promise<void> {
  const socket = createConnection(port, '127.0.0.1', () => void socket.end(text))
  socket.resume().on('error', () => {})
  await once(socket, 'close')
}

async function sendDatagrams(port: number, texts: readonly string[], arrived: () => number): Promise<void> {
  const socket = createSocket('udp4')
  for (const [index, text] of texts.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await new Promise((resolve) => {
      socket.send(text, port, '127.0.0.1', resolve)
    })
    // The system drops what it has no room for.
    // oxlint-disable-next-line no-await-in-loop -- in order
    if (index % 16 === 15) await vi.waitUntil(() => arrived() === index + 1, WAIT)
  }
  socket.close()
}

const CASES = ACCESS_CASES.filter(({ expected }) => expected !== undefined)

test.each([
  {
    way: 'TCP, counted',
    send: ({ port }: Scene) => sendStream(port, CASES.map(({ line }) => counted(rfc5424(line))).join('')),
  },
  {
    way: 'TCP, line by line',
    send: ({ port }: Scene) => sendStream(port, CASES.map(({ line }) => `${rfc5424(line)}\n`).join('')),
  },
  {
    way: 'UDP',
    send: ({ port, records }: Scene) =>
      sendDatagrams(
        port,
        CASES.map(({ line }) => rfc3164(line)),
        () => records().length,
      ),
  },
])('every access line of the table means over $way what it means in a file', async ({ send }) => {
  const scene = await startScene()
  await send(scene)
  await expect.poll(() => scene.records().length, WAIT).toBe(CASES.length)
  const records = scene.records()
  for (const { expected } of CASES) expect(records).toContainEqual(expect.objectContaining(expected))
})

test('what other programs send is kept as what they say, a message of several lines as one', async () => {
  const scene = await startScene()
  await sendStream(scene.port, counted('<131>1 2026-11-30T12:00:00Z host cron 7 - - it failed\ntwice'))
  await expect.poll(() => scene.records().length, WAIT).toBe(1)
  expect(scene.records()[0]).toMatchObject({ body: String.raw`it failed\ntwice`, severityNumber: 17 })
})

test('a sender that speaks something else is disconnected, the next one is heard', async () => {
  const scene = await startScene()
  await sendStream(scene.port, 'GET / HTTP/1.1\r\n\r\n')
  await sendStream(scene.port, Buffer.from([0x16, 0x03, 0x01, 0xff]))
  await sendStream(scene.port, counted('<134>1 - - - - - - heard'))
  await expect.poll(() => scene.records().map(({ body }) => body), WAIT).toEqual(['heard'])
})

test('what was taken is sent before it ends; twice is harmless', async () => {
  const scene = await startScene()
  await sendStream(scene.port, Array.from({ length: 3_000 }, (_, n) => counted(`<134>1 - - - - - - n${n}`)).join(''))
  await Promise.all([scene.syslog.stop(), scene.syslog.stop()])
  expect(scene.records()).toHaveLength(3_000)
})

test('a port that is taken is refused by its number, before anything is sent', async () => {
  const { port } = await startScene()
  await expect(takeSyslog(port, { endpoint: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'TRACELOG_PORT_IN_USE',
    message: `port ${port} (syslog) is taken by another process`,
  })
})
