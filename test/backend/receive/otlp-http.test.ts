import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'

import { protobufjsEncode } from '../../support/otlp-proto.ts'
import { type HttpAnswer, send, type SendOptions, startTestBackend } from '../support/backend.ts'

const { root } = protobuf.parse(`syntax = "proto3";
message Partial { int64 rejected = 1; string error_message = 2; }
message Success { Partial partial_success = 1; }
message Status { int32 code = 1; string message = 2; }`)
const decode = (name: 'Success' | 'Status', answer: HttpAnswer): object => {
  const type = root.lookupType(name)
  return type.toObject(type.decode(answer.body), { longs: Number })
}

const oneLog = (text: string, extra: object = {}): Record<string, unknown> => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text }, ...extra }] }] }],
})
const logsBytes = (text: string): Uint8Array => protobufjsEncode('ExportLogsServiceRequest', oneLog(text))
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }
const post = (body: Uint8Array | string, headers: Readonly<Record<string, string>>): SendOptions => ({
  method: 'POST',
  headers,
  body,
})
const wide = { attributes: Array.from({ length: 1_001 }, (_, index) => ({ key: `k${index}` })) }

describe('OTLP/HTTP', () => {
  test('keeps protobuf and answers in protobuf', async () => {
    const { ready, stages } = await startTestBackend()
    const answer = await send(`${ready.otlp_http}/v1/logs`, post(logsBytes('hello'), PROTOBUF))
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-protobuf' } })
    expect(answer.body).toHaveLength(0)
    expect(stages.bodies()).toEqual(['hello'])
  })

  test('keeps JSON as protobuf and answers in JSON', async () => {
    const { ready, stages } = await startTestBackend()
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const answer = await send(`${ready.otlp_http}/v1/logs`, post(JSON.stringify(oneLog('hello')), headers))
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(String(answer.body)).toBe('{}')
    expect(stages.bodies()).toEqual(['hello'])
  })

  test('keeps spans', async () => {
    const { ready, stages } = await startTestBackend()
    const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'GET /' }
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
    expect((await send(`${ready.otlp_http}/v1/traces`, post(body, JSON_TYPE))).status).toBe(200)
    expect(stages.requests.map((request) => request.signal)).toEqual(['spans'])
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('undoes %s', async (coding, compress) => {
    const { ready, stages } = await startTestBackend()
    const headers = { ...PROTOBUF, 'content-encoding': coding }
    const answer = await send(`${ready.otlp_http}/v1/logs`, post(compress(logsBytes('packed')), headers))
    expect(answer.status).toBe(200)
    expect(stages.bodies()).toEqual(['packed'])

    const torn = compress(logsBytes('packed')).subarray(0, -6)
    expect((await send(`${ready.otlp_http}/v1/logs`, post(torn, headers))).status).toBe(400)
    expect((await send(`${ready.otlp_http}/v1/logs`, post('not compressed', headers))).status).toBe(400)
  })

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('stops a %s bomb', async (coding, compress) => {
    const { ready } = await startTestBackend()
    const bomb = compress(Buffer.alloc(80 * 1024 * 1024))
    const answer = await send(`${ready.otlp_http}/v1/logs`, post(bomb, { ...PROTOBUF, 'content-encoding': coding }))
    expect(answer.status).toBe(413)
  })

  test('takes an empty request and metrics, and keeps neither', async () => {
    const { ready, stages } = await startTestBackend()
    expect((await send(`${ready.otlp_http}/v1/logs`, post('', PROTOBUF))).status).toBe(200)
    expect((await send(`${ready.otlp_http}/v1/logs`, post('{}', JSON_TYPE))).status).toBe(200)
    expect((await send(`${ready.otlp_http}/v1/metrics`, post('{"resourceMetrics":[]}', JSON_TYPE))).status).toBe(200)
    expect(stages.requests).toHaveLength(0)
  })

  test('says how many records it left out', async () => {
    const { ready, stages } = await startTestBackend()
    const request = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'fine' } }, wide] }] }],
    }
    const json = await send(`${ready.otlp_http}/v1/logs`, post(JSON.stringify(request), JSON_TYPE))
    expect(json.status).toBe(200)
    expect(JSON.parse(String(json.body))).toEqual({
      partialSuccess: { rejectedLogRecords: '1', errorMessage: 'more than 1000 attributes' },
    })
    const bytes = protobufjsEncode('ExportLogsServiceRequest', request)
    const answer = await send(`${ready.otlp_http}/v1/logs`, post(bytes, PROTOBUF))
    expect(decode('Success', answer)).toEqual({
      partialSuccess: { rejected: 1, errorMessage: 'more than 1000 attributes' },
    })
    expect(stages.bodies()).toEqual(['fine', 'fine'])
  })

  test.each([
    { what: 'a path that is none', path: '/v2/logs', send: post('{}', JSON_TYPE), status: 404 },
    { what: 'GET', path: '/v1/logs', send: { method: 'GET' }, status: 405 },
    { what: 'OPTIONS', path: '/v1/logs', send: { method: 'OPTIONS' }, status: 405 },
    {
      what: 'a content type that is none',
      path: '/v1/logs',
      send: post('{}', { 'content-type': 'text/plain' }),
      status: 415,
    },
    { what: 'no content type', path: '/v1/logs', send: post('{}', {}), status: 415 },
    {
      what: 'an unknown compression',
      path: '/v1/logs',
      send: post('{}', { ...JSON_TYPE, 'content-encoding': 'br' }),
      status: 415,
    },
    { what: 'JSON that is none', path: '/v1/logs', send: post('{"resourceLogs":', JSON_TYPE), status: 400 },
    { what: 'protobuf that is none', path: '/v1/logs', send: post('hello', PROTOBUF), status: 400 },
    { what: 'a foreign Host', path: '/v1/logs', send: post('{}', { ...JSON_TYPE, host: 'evil.example' }), status: 403 },
    {
      what: 'a web page',
      path: '/v1/logs',
      send: post('{}', { ...JSON_TYPE, origin: 'http://localhost:3000' }),
      status: 403,
    },
    {
      what: 'a page of the same site',
      path: '/v1/logs',
      send: post('{}', { ...JSON_TYPE, 'sec-fetch-site': 'same-site' }),
      status: 403,
    },
  ])('refuses $what with $status', async ({ path, send: options, status }) => {
    const { ready, stages } = await startTestBackend()
    const answer = await send(ready.otlp_http + path, options)
    expect(answer.status).toBe(status)
    expect(answer.headers['allow']).toBe(status === 405 ? 'POST' : undefined)
    expect(stages.requests).toHaveLength(0)
  })

  test('explains a refusal in the format of the request', async () => {
    const { ready } = await startTestBackend()
    const json = await send(`${ready.otlp_http}/v1/logs`, post('{"resourceLogs":7}', JSON_TYPE))
    expect(JSON.parse(String(json.body))).toEqual({
      code: 3,
      message: 'the body is not OTLP/JSON: expected an array for resourceLogs at byte 16',
    })
    const answer = await send(`${ready.otlp_http}/v1/logs`, post('hello', PROTOBUF))
    expect(decode('Status', answer)).toMatchObject({ code: 3, message: expect.stringMatching(/^the body is not OTLP/) })
  })

  test('refuses an announced body over 64 MiB before it is sent', async () => {
    const { ready } = await startTestBackend()
    const headers = { ...PROTOBUF, 'content-length': String(64 * 1024 * 1024 + 1) }
    const answer = await send(`${ready.otlp_http}/v1/logs`, { method: 'POST', headers, body: '' }).catch(
      (error: unknown) => error,
    )
    expect(answer).toMatchObject({ status: 413 })
  })

  test('wants a token where it listens beyond loopback', async () => {
    const { ready } = await startTestBackend({ host: '0.0.0.0' })
    const url = `${ready.otlp_http}/v1/logs`
    expect((await send(url, post('{}', JSON_TYPE))).status).toBe(401)
    expect((await send(url, post('{}', { ...JSON_TYPE, authorization: 'Bearer wrong' }))).status).toBe(401)
    expect((await send(url, post('{}', { ...JSON_TYPE, authorization: `Bearer ${ready.token}` }))).status).toBe(200)
  })

  test('counts what it acknowledged and what it refused for good', async () => {
    const { ready } = await startTestBackend()
    await send(`${ready.otlp_http}/v1/logs`, post(logsBytes('a'), PROTOBUF))
    await send(`${ready.otlp_http}/v1/logs`, post('hello', PROTOBUF))
    const headers = { authorization: `Bearer ${ready.token}` }
    const status = await send(`${ready.api}/api/v1/status`, { headers })
    expect(JSON.parse(String(status.body))).toMatchObject({
      received: { logs: 1, spans: 0, rejected: 1, requests: 2, bytes: logsBytes('a').length },
    })
  })
})
