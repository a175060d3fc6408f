import { describe, expect, test } from 'vitest'

import type { Answer } from '../../../src/export/transports/answer.ts'
import { judgeGrpc, type GrpcEnd } from '../../../src/export/transports/grpc-answer.ts'

/** google.rpc.Status{14, details: [RetryInfo{2.5 s}]}, without padding. */
const RETRY_2500 = 'CA4aNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAhCAyrXuAQ'

function judge(fields: GrpcEnd['fields'], end: Partial<GrpcEnd> = {}): Answer {
  return judgeGrpc({ fields, message: new Uint8Array(), failure: undefined, nowMillis: 0, ...end })
}

const withStatus = (status: number | string, more: GrpcEnd['fields'] = {}) => ({
  ':status': 200,
  'grpc-status': String(status),
  ...more,
})

describe('a call that ended with a status', () => {
  test.each([1, 4, 10, 11, 14, 15])('%i: nobody took it; RetryInfo says when to come back', (code) => {
    const reason = `gRPC ${code}`
    expect(judge(withStatus(code))).toEqual({ kind: 'unreachable', reason })
    expect(judge(withStatus(code, { 'grpc-status-details-bin': RETRY_2500 }))).toEqual({
      kind: 'unreachable',
      reason,
      retryAfterMillis: 2500,
    })
  })

  test.each([2, 3, 5, 6, 7, 9, 12, 13, 16, 17, 255])('%i: refused for good, RetryInfo or not', (code) => {
    const rejected = { kind: 'rejected', reason: `gRPC ${code}` }
    expect(judge(withStatus(code))).toEqual(rejected)
    expect(judge(withStatus(code, { 'grpc-status-details-bin': RETRY_2500 }))).toEqual(rejected)
  })

  test.each([
    ['grpc: received message after decompression larger than max 4194304', 'too_large'],
    ['grpc: received message larger than max (5000000 vs. 4194304)', 'too_large'],
    ['Received message larger than max (5000000 vs 4194304)', 'too_large'],
    ['gRPC message exceeds maximum size 4194304: 5000000', 'too_large'],
    ['message too large', 'too_large'],
    ['the message is more than 67108864 bytes', 'too_large'],
    ['quota exceeded', 'rejected'],
    ['', 'rejected'],
  ])('8 "%s": %s', (message, kind) => {
    const fields = withStatus(8, { 'grpc-message': encodeURIComponent(message) })
    expect(judge(fields)).toEqual({ kind, reason: 'gRPC 8' })
    // Who is told when to come back comes back, whatever the message says.
    expect(judge({ ...fields, 'grpc-status-details-bin': RETRY_2500 })).toMatchObject({
      kind: 'unreachable',
      retryAfterMillis: 2500,
    })
  })

  test.each(['', 'OK', '1.5', '-1', '1000'])('a status that is none (%s) is UNKNOWN', (status) => {
    expect(judge(withStatus(status))).toEqual({ kind: 'rejected', reason: 'gRPC 2' })
  })

  test('counts, whatever the HTTP status beside it', () => {
    expect(judge({ ...withStatus(14), ':status': 404 })).toEqual({ kind: 'unreachable', reason: 'gRPC 14' })
  })
})

describe('a call that was taken', () => {
  test.each([
    ['nothing more', new Uint8Array(), { kind: 'delivered' }],
    ['nothing that can be read', undefined, { kind: 'delivered' }],
    ['what is no answer', Buffer.from('<!doctype html>'), { kind: 'delivered', remark: 'application/grpc' }],
    [
      'how many it refused',
      Buffer.from([0x0a, 6, 0x08, 3, 0x12, 2, 0x6f, 0x6c]),
      { kind: 'partial', rejected: 3, message: 'ol' },
    ],
  ])('says %s', (_, message, answer) => {
    expect(judge(withStatus(0), { message })).toEqual(answer)
  })
})

describe('a call that ended without a status', () => {
  test.each([429, 502, 503, 504])('HTTP %i: nobody took it; Retry-After says when to come back', (status) => {
    const reason = `HTTP ${status}`
    expect(judge({ ':status': status })).toEqual({ kind: 'unreachable', reason })
    expect(judge({ ':status': status, 'retry-after': '7' })).toMatchObject({ retryAfterMillis: 7000 })
  })

  test.each([301, 400, 401, 404, 408, 413, 415, 500, 501])('HTTP %i: refused for good', (status) => {
    expect(judge({ ':status': status })).toEqual({ kind: 'rejected', reason: `HTTP ${status}` })
  })

  test('a good answer of something that speaks no gRPC is a refusal', () => {
    expect(judge({ ':status': 200 })).toEqual({ kind: 'rejected', reason: 'HTTP 200 without grpc-status' })
  })

  test.each([{}, { ':status': 200 }])('broken off after %o: nobody took it', (fields) => {
    expect(judge(fields, { failure: 'ECONNRESET' })).toEqual({ kind: 'unreachable', reason: 'ECONNRESET' })
  })

  test('ended before it began', () => {
    expect(judge({})).toEqual({ kind: 'unreachable', reason: 'connection closed' })
  })
})

test.each([
  ['-5', 100],
  ['0', 100],
  ['1000000000', 300_000],
])('a delay of %s s is waited for as %i ms', (seconds, millis) => {
  // Status{details: [RetryInfo{seconds}]}, as the header's own test writes them.
  const delay = Buffer.from([0x08, ...varint(BigInt(seconds))])
  const info = Buffer.from([0x0a, delay.length, ...delay])
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')
  const any = Buffer.from([0x0a, type.length, ...type, 0x12, info.length, ...info])
  const details = Buffer.from([0x1a, any.length, ...any]).toString('base64')
  expect(judge(withStatus(14, { 'grpc-status-details-bin': details }))).toMatchObject({ retryAfterMillis: millis })
})

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}
