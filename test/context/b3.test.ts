/** Zipkin's headers: what is read, what is written, the same as the reference where that is whole. */
import { propagation, ROOT_CONTEXT, trace, type Context, type TextMapPropagator } from '@opentelemetry/api'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createPropagator, DESTINATION, type PropagatorName } from '../../src/context/propagation.ts'
import { createTrustedPeers } from '../../src/context/trusted-peers.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SHORT = '48485a3953bb6124'
const SPAN = 'b7ad6b7169203331'
const PARENT = '05e3ac9a4f6e3b90'

type Headers = Record<string, string | string[]>
const getter = {
  keys: (carrier: Headers) => Object.keys(carrier),
  get: (carrier: Headers, key: string) => carrier[key],
}
const setter = { set: (carrier: Headers, key: string, value: string) => void (carrier[key] = value) }

function ours(...names: PropagatorName[]) {
  return createPropagator({ names, trustedPeers: createTrustedPeers() })
}

function extracted(propagator: TextMapPropagator, headers: Headers): Context {
  return propagator.extract(ROOT_CONTEXT, headers, getter)
}

function passOn(headers: Headers, ...names: PropagatorName[]): Headers {
  const propagator = ours(...names)
  const carrier: Headers = {}
  propagator.inject(extracted(propagator, headers), carrier, setter)
  return carrier
}

describe('b3 is read', () => {
  test.each<[string, Headers, string | undefined]>([
    ['with the sampling', { b3: `${TRACE}-${SPAN}-1` }, `${TRACE}-${SPAN}-1`],
    ['with the parent', { b3: `${TRACE}-${SPAN}-0-${PARENT}` }, `${TRACE}-${SPAN}-0`],
    ['without the sampling', { b3: `${TRACE}-${SPAN}` }, `${TRACE}-${SPAN}-0`],
    ['with an id of 64 bits', { b3: `${SHORT}-${SPAN}-1` }, `${'0'.repeat(16)}${SHORT}-${SPAN}-1`],
    ['in upper case', { b3: `${TRACE.toUpperCase()}-${SPAN}-1` }, `${TRACE}-${SPAN}-1`],
    ['for debugging', { b3: `${TRACE}-${SPAN}-d` }, `${TRACE}-${SPAN}-d`],
    ['as many headers', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' }, `${TRACE}-${SPAN}-1`],
    [
      'as many headers, old',
      { 'x-b3-traceid': SHORT, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'true' },
      `${'0'.repeat(16)}${SHORT}-${SPAN}-1`,
    ],
    [
      'as many headers, for debugging',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' },
      `${TRACE}-${SPAN}-d`,
    ],
    [
      'as many headers, nothing said',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-parentspanid': PARENT },
      `${TRACE}-${SPAN}-0`,
    ],
    [
      'the single one before the many',
      { b3: `${TRACE}-${SPAN}-1`, 'x-b3-traceid': SHORT, 'x-b3-spanid': PARENT },
      `${TRACE}-${SPAN}-1`,
    ],
    ['a decision alone', { b3: '0' }, undefined],
    ['an empty trace id', { b3: `${'0'.repeat(32)}-${SPAN}-1` }, undefined],
    ['an empty span id', { b3: `${TRACE}-${'0'.repeat(16)}-1` }, undefined],
    ['something behind it', { b3: `${TRACE}-${SPAN}-1-${PARENT}-x` }, undefined],
    ['something before it', { b3: `x${TRACE}-${SPAN}-1` }, undefined],
    ['another sampling', { b3: `${TRACE}-${SPAN}-2` }, undefined],
    ['two headers', { b3: [`${TRACE}-${SPAN}-1`, `${TRACE}-${SPAN}-1`] }, undefined],
    ['a folded header', { b3: `${TRACE}-${SPAN}-1, ${TRACE}-${SPAN}-1` }, undefined],
    ['a broken single one, though there are many', { b3: 'x', 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, undefined],
    ['many with another sampling', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'yes' }, undefined],
    ['many without a span', { 'x-b3-traceid': TRACE, 'x-b3-sampled': '1' }, undefined],
    ['an id of 24 digits', { 'x-b3-traceid': TRACE.slice(8), 'x-b3-spanid': SPAN }, undefined],
  ])('%s', (_, headers, expected) => {
    expect(passOn(headers, 'b3')['b3']).toBe(expected)
    expect(trace.getSpanContext(extracted(ours('b3multi'), headers))?.spanId).toBe(expected && SPAN)
  })
})

test.each<[PropagatorName[], Headers]>([
  [['b3multi'], { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' }],
  [['b3', 'tracecontext'], { b3: `${TRACE}-${SPAN}-1`, traceparent: `00-${TRACE}-${SPAN}-01` }],
  [['b3', 'b3multi'], { b3: `${TRACE}-${SPAN}-1`, 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' }],
])('%j writes its form', (names, expected) => {
  expect(passOn({ b3: `${TRACE}-${SPAN}-1` }, ...names)).toEqual(expected)
})

test('debug goes on in the other form, and says "sampled" by itself', () => {
  const debug = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' }
  expect(passOn({ b3: `${TRACE}-${SPAN}-d` }, 'b3multi')).toEqual(debug)
  expect(trace.getSpanContext(extracted(ours('b3'), debug))?.traceFlags).toBe(1)
})

test('of two callers the one of the last name counts', () => {
  const headers = { b3: `${TRACE}-${SPAN}-1`, traceparent: `00-${TRACE}-${PARENT}-01` }
  expect(trace.getSpanContext(extracted(ours('tracecontext', 'b3'), headers))?.spanId).toBe(SPAN)
  expect(trace.getSpanContext(extracted(ours('b3', 'tracecontext'), headers))?.spanId).toBe(PARENT)
  expect(trace.getSpanContext(extracted(ours('b3', 'tracecontext'), { b3: headers.b3 }))?.spanId).toBe(SPAN)
})

test('goes where the trace may go, and nowhere else', () => {
  const propagator = createPropagator({ names: ['b3'], trustedPeers: createTrustedPeers(), propagateTo: 'trusted' })
  const sentTo = (host: string) => {
    const carrier: Headers = {}
    const context = extracted(propagator, { b3: `${TRACE}-${SPAN}-1` }).setValue(DESTINATION, host)
    propagator.inject(context, carrier, setter)
    return carrier
  }
  expect(sentTo('127.0.0.1')).toEqual({ b3: `${TRACE}-${SPAN}-1` })
  expect(sentTo('api.example.com')).toEqual({})
})

test('baggage is beside it', () => {
  const context = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ a: { value: '1' } }))
  const carrier: Headers = {}
  ours('b3', 'baggage').inject(context, carrier, setter)
  expect(carrier).toEqual({ baggage: 'a=1' })
})

const id = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: digits, maxLength: digits })
const traceId = fc.oneof(
  id(32),
  id(16),
  id(32).map((text) => `0000000000000000${text.slice(16)}`),
)

test('what the reference understands and writes, ours does too', () => {
  const single = fc
    .record({
      traceId,
      spanId: id(16),
      state: fc.constantFrom('', '-0', '-1'),
      parent: fc.constantFrom('', `-${PARENT}`),
    })
    .map(({ traceId: trace_, spanId, state, parent }): Headers => ({
      b3: `${trace_}-${spanId}${state}${state && parent}`,
    }))
  const multi = fc
    .record({ traceId, spanId: id(16), sampled: fc.constantFrom(undefined, '0', '1', 'true', 'false', 'x') })
    .map(({ traceId: trace_, spanId, sampled }): Headers => ({
      'x-b3-traceid': trace_,
      'x-b3-spanid': spanId,
      ...(sampled && { 'x-b3-sampled': sampled }),
    }))
  const forms = [
    [ours('b3'), new B3Propagator()],
    [ours('b3multi'), new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })],
  ] as const
  fc.assert(
    fc.property(fc.oneof(single, multi), fc.constantFrom(...forms), (headers, [own, reference]) => {
      const [mine, theirs]: [Headers, Headers] = [{}, {}]
      own.inject(extracted(own, headers), mine, setter)
      reference.inject(extracted(reference, headers), theirs, setter)
      expect(mine).toEqual(theirs)
      expect(trace.getSpanContext(extracted(own, headers))).toEqual(trace.getSpanContext(extracted(reference, headers)))
    }),
    { numRuns: 2000 },
  )
})

test('anything at all is read without a fault', () => {
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefd-,x '.split('')), maxLength: 80 }),
    fc.string(),
  )
  fc.assert(
    fc.property(value, value, value, (b3, traceid, sampled) => {
      const context = extracted(ours('b3'), {
        b3,
        'x-b3-traceid': traceid,
        'x-b3-spanid': SPAN,
        'x-b3-sampled': sampled,
      })
      const span = trace.getSpanContext(context)
      expect(span === undefined || trace.isSpanContextValid(span)).toBe(true)
    }),
  )
})
