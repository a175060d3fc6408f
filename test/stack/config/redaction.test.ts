/** What the gateway hides and what it leaves alone: records and spans of a foreign SDK through the real Collector. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import type { AnyValue, Attributes } from '../../../src/model/any-value.ts'
import { sendLogs, sendSpan, type SentRecord } from '../../support/otlp-send.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../../support/receiver.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'

const withCollector = requireServers('otelcol')
const folder = mkdtempSync(join(tmpdir(), 'tracelog-redaction-'))
let receiver: Receiver
let collector: Otelcol

beforeAll(async () => {
  if (findServer('otelcol') === undefined) return
  receiver = await startReceiver()
  collector = await startOtelcol({
    configs: ['gateway.yaml'],
    folder,
    env: { TRACELOG_LOKI: receiver.url, TRACELOG_TEMPO: receiver.url },
  })
})
afterAll(async () => {
  await collector?.stop()
  await receiver?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** By which each record finds its way back. */
let counter = 0

/** All in one request. @returns what left the gateway, in the same order */
async function throughGateway(
  records: readonly SentRecord[],
  resource: Attributes = {},
): Promise<readonly ReceivedLog[]> {
  const ids = records.map(() => `record ${++counter}`)
  const marked = records.map((record, index) => ({ ...record, attributes: { ...record.attributes, id: ids[index]! } }))
  expect(await sendLogs(marked, { url: collector.httpUrl, resource })).toBe(200)
  const find = (id: string): ReceivedLog | undefined =>
    receiver.receivedLogs.find(({ record }) => record.attributes['id'] === id)
  await receiver.until(`all of ${ids.join()}`, () => ids.every((id) => find(id) !== undefined))
  return ids.map((id) => {
    const { record, ...others } = find(id)!
    const { id: _id, ...attributes } = record.attributes
    return { ...others, record: { ...record, attributes } }
  })
}

/** The SDK's list (spec, security), and ways in which others write the same. */
const SECRET_KEYS = `authorization proxy-authorization cookie set-cookie password passwd pwd secret client_secret token
  access_token refresh_token id_token api_key apikey x-api-key session sessionid private_key credential credentials
  connection_string dsn card_number cvv ssn
  Authorization accessToken clientSecret apiKey X-Api-Key Set-Cookie privateKey connectionString cardNumber session.id
  http.request.header.authorization http.request.header.x-api-key db.password DB_PASSWORD csrf-token auth_token userPassword authToken sessionToken secretAccessKey jwt passphrase cookies
  user[password] sessionId cvc userJwt password_hash token2 sid connect.sid`.split(/\s+/)

withCollector('hides the whole value under a secret key, whatever its type', async () => {
  const values: readonly AnyValue[] = ['hunter2', 4711, 0.5, true, ['a', 'b'], { a: 'b' }]
  const secrets = Object.fromEntries(SECRET_KEYS.map((key, index) => [key, values[index % values.length]!]))
  const resource = { 'service.name': 'shop', 'db.password': 'hunter2' }
  const [received] = await throughGateway([{ attributes: secrets }], resource)
  expect(received!.record.attributes).toEqual(Object.fromEntries(SECRET_KEYS.map((key) => [key, '****'])))
  expect(received!.resource).toEqual({ 'service.name': 'shop', 'db.password': '****' })
})

const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----`

/** A text, and what is left of it. */
const SECRET_TEXTS: readonly (readonly [string, string])[] = [
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP here', 'jwt **** here'],
  ['sent Bearer abc123 to it', 'sent **** to it'],
  ['sent bearer mF_9.B5f-4.1JqM== to it', 'sent **** to it'],
  [`key:\n${PEM}\nend`, 'key:\n****\nend'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ', '****'],
  ['aws AKIAIOSFODNN7EXAMPLE used', 'aws **** used'],
  ['postgres://ada:hunter2@db:5432/shop', 'postgres****db:5432/shop'],
  ['redis://:hunter2@cache:6379', 'redis****cache:6379'],
  ['authorization: Basic YWRhOmh1bnRlcjI=', '****'],
  ['login with password=hunter2&user=ada', 'login with ****&user=ada'],
  ['GET /a?sig=abc&page=2', 'GET /a****&page=2'],
  ['GET /cb?state=af0ifjsldkj&code=SplxlOBeZQQYbYS6', 'GET /cb********'],
  [`pushed with ghp_${'aB3dE6gH9'.repeat(4)} to it`, 'pushed with **** to it'],
  ['{"userPassword":"hunter2"}', '{****}'],
  ['client_secret=abc, accessToken=abc', 'client_****, access****'],
  ['DB_PASSWORD=hunter2; x=1', 'DB_****; x=1'],
  ['{"user":"ada","password":"hunter2","n":1}', '{"user":"ada",****,"n":1}'],
  ['{"db_password" : "hunter2"}', '{****}'],
  [String.raw`sent {\"accessToken\":\"abc\"}`, String.raw`sent {\****}`],
]

withCollector('hides secrets in texts: attributes and bodies', async () => {
  const received = await throughGateway(SECRET_TEXTS.map(([text]) => ({ body: text, attributes: { text } })))
  const expected = SECRET_TEXTS.map(([, left]) => ({ body: left, text: left }))
  expect(received.map(({ record }) => ({ body: record.body, text: record.attributes['text'] }))).toEqual(expected)
})

withCollector('finds secrets inside lists and maps, and then they become text', async () => {
  const attributes = {
    list: ['a', 'Bearer abc123'],
    map: { user: 'ada', login: { password: 'hunter2' } },
    clean: { user: 'ada', ids: [1, 2] },
  }
  const [received] = await throughGateway([{ attributes }])
  expect(received!.record.attributes).toEqual({
    list: '["a","****"]',
    map: '{"login":{****},"user":"ada"}',
    clean: { user: 'ada', ids: [1, 2] },
  })
})

/** No digits, no lengths, no words alone make a secret. */
const HARMLESS: Attributes = {
  'http.request.body.size': 9_223_372_036_854_775_807n,
  share: 0.412_345_678_901_234_5,
  time_ms: 1_732_170_000_123,
  card_like: '4111 1111 1111 1111',
  id_like: '4111111111111111',
  'log.record.uid': '01890a5d-ac96-774b-bcce-b302099a8057',
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  'gen_ai.usage.input_tokens': 17,
  'tracelog.cache.key': 'session:*',
  token_count: 3,
  tokenizer: 'gpt',
  'user.session_count': 2,
  'http.response.status_code': 200,
  url: 'https://shop.example/a?page=2&codec=x&state=open&code=200#state',
  passwordResetUrl: 'https://shop.example/reset',
  max_tokens: 4096,
  hasSecretary: 'yes',
  sessions: 3,
  email: 'ada@shop.example',
  repository: 'git@github.com:org/tracelog.git',
  ipv6: 'http://[::1]:8080/a',
  time: '2026-11-21T07:25:00.123Z',
  sentence: 'bearer authentication failed: the token is too old, the password was right',
  code: 'passwords and secrets: see author, cookies and keys',
  json: '{"status":"ok","tokens":17,"secretary":"ada"}',
}

withCollector('leaves everything else as it is, to the last digit', async () => {
  const body = { ...HARMLESS, nested: { list: [1, 0.1, 'a'] } }
  const [received] = await throughGateway([{ body, attributes: HARMLESS }])
  expect(received!.record).toMatchObject({ body, attributes: HARMLESS })
})

withCollector('hides in spans what it hides in records', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const attributes = { 'db.password': 'hunter2', text: 'password=hunter2', share: 0.412_345_678_901_234_5 }
  expect(await sendSpan(traceId, attributes, { url: collector.httpUrl })).toBe(200)
  const [received] = await receiver.spans(1)
  expect(received!.span.attributes).toEqual({ ...attributes, 'db.password': '****', text: '****' })
})
