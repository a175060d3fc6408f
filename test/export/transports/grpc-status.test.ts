import * as fc from 'fast-check'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'

import { retryInfoMillis } from '../../../src/export/transports/grpc-status.ts'
import { grpcMessageOf } from '../../../src/model/grpc-call.ts'

const { root } = protobuf.parse(`syntax = "proto3";
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Any { string type_url = 1; bytes value = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message DebugInfo { repeated string stack_entries = 1; string detail = 2; }`)

function encode(type: string, value: object): Uint8Array {
  return root.lookupType(type).encode(value).finish()
}

/** `grpc-status-details-bin` with these details. */
function header(...details: { type_url: string; value: Uint8Array }[]): string {
  return Buffer.from(
    encode('Status', {
      code: 14,
      message: 'busy',
      details: details.map(({ type_url: typeUrl, value }) => ({ typeUrl, value })),
    }),
  ).toString('base64')
}

const retryInfo = (delay: object | undefined) => ({
  type_url: 'type.googleapis.com/google.rpc.RetryInfo',
  value: encode('RetryInfo', delay === undefined ? {} : { retryDelay: delay }),
})
const debugInfo = {
  type_url: 'type.googleapis.com/google.rpc.DebugInfo',
  value: encode('DebugInfo', { stackEntries: ['a', 'b'], detail: 'd' }),
}

test.each([
  { what: 'whole seconds', delay: { seconds: 3 }, millis: 3000 },
  { what: 'parts of one', delay: { nanos: 250_000_000 }, millis: 250 },
  { what: 'both', delay: { seconds: 2, nanos: 500_000_000 }, millis: 2500 },
  { what: 'a delay that lies behind', delay: { seconds: -5, nanos: -1_000_000 }, millis: -5001 },
  { what: 'no time at all', delay: {}, millis: 0 },
  { what: 'more than a number holds', delay: { seconds: 2 ** 60 }, millis: 2 ** 60 * 1000 },
])('RetryInfo: $what', ({ delay, millis }) => {
  expect(retryInfoMillis(header(retryInfo(delay)))).toBe(millis)
})

test('is read with its padding and without, among other details, and when the header is there twice', () => {
  const padded = header(debugInfo, retryInfo({ seconds: 1 }))
  expect(padded).toMatch(/=$/)
  for (const text of [padded, padded.replace(/=+$/, ''), `${padded},${padded}`])
    expect(retryInfoMillis(text)).toBe(1000)
})

test.each([
  ['no header', undefined],
  ['an empty one', ''],
  ['no details', header()],
  ['other details', header(debugInfo)],
  ['a RetryInfo without a delay', header(retryInfo(undefined))],
  ['another type of that name', header({ ...retryInfo({ seconds: 1 }), type_url: 'x/mygoogle.rpc.RetryInfo' })],
  ['what is no protobuf', '////'],
])('there is none in %s', (_, text) => {
  expect(retryInfoMillis(text)).toBeUndefined()
})

test('any text is survived', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(['undefined', 'number']).toContain(typeof retryInfoMillis(text))
      expect(typeof grpcMessageOf(text)).toBe('string')
    }),
  )
})

test.each([
  [undefined, ''],
  ['plain', 'plain'],
  ['na%C3%AFve%20%25', 'naïve %'],
  ['50% off', '50% off'],
])('grpc-message %s', (text, message) => {
  expect(grpcMessageOf(text)).toBe(message)
})
