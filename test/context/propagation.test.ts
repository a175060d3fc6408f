import { propagation, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatBaggage, mergeBaggage, parseBaggage } from '../../src/context/baggage.ts'
import { createPropagator, DESTINATION, type PropagatorOptions } from '../../src/context/propagation.ts'
import { parseTraceState } from '../../src/context/trace-state.ts'
import { createTrustedPeers } from '../../src/context/trusted-peers.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = `00-${TRACE}-${SPAN}-03`

const getter = {
  keys: (carrier: Record<string, string | string[]>) => Object.keys(carrier),
  get: (carrier: Record<string, string | string[]>, key: string) => carrier[key],
}
const setter = { set: (carrier: Record<string, string>, key: string, value: string) => void (carrier[key] = value) }

function passOn(headers: Record<string, string | string[]>, host?: string, options: Partial<PropagatorOptions> = {}) {
  const propagator = createPropagator({ trustedPeers: createTrustedPeers(), ...options })
  let context: Context = propagator.extract(ROOT_CONTEXT, headers, getter)
  if (host !== undefined) context = context.setValue(DESTINATION, host)
  const carrier: Record<string, string> = {}
  propagator.inject(context, carrier, setter)
  return carrier
}

describe('traceparent', () => {
  test.each([
    ['two headers', [PARENT, PARENT]],
    ['a folded header', `${PARENT}, ${PARENT}`],
    ['version ff', PARENT.replace('00-', 'ff-')],
    ['upper case', PARENT.toUpperCase()],
    ['a zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['more than version 00 has', `${PARENT}-x`],
  ])('%s is malformed: nothing is continued', (_, traceparent) => {
    expect(passOn({ traceparent, tracestate: 'a=1' })).toEqual({})
  })

  test('the random flag goes on', () => {
    expect(passOn({ traceparent: PARENT })).toEqual({ traceparent: PARENT })
  })
})

describe('tracestate', () => {
  test.each([
    ['keys of level 2', '0a@b/c*d-e_f=1', '0a@b/c*d-e_f=1'],
    ['blanks and empty members', ' a=1 , ,b=2\t', 'a=1,b=2'],
    ['a key twice', 'a=1,b=2,a=2', 'a=1,b=2'],
    ['our own key twice', 'tracelog=d:1,tracelog=d:1', 'tracelog=d:1'],
    ['an upper case key', 'A=1', undefined],
    ['33 members', Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(','), undefined],
    ['a value of 256 characters', `a=${'x'.repeat(256)}`, `a=${'x'.repeat(256)}`],
    ['a value of 257 characters', `a=${'x'.repeat(257)}`, undefined],
    ['an equals sign in a value', 'a=b=c', undefined],
  ])('%s', (_, header, expected) => {
    expect(parseTraceState(header)?.serialize()).toBe(expected)
  })

  test('a malformed one is dropped whole, the traceparent stays', () => {
    expect(passOn({ traceparent: PARENT, tracestate: 'a=1,B=2' })).toEqual({ traceparent: PARENT })
  })

  test('our own member goes to trusted peers only', () => {
    const headers = { traceparent: PARENT, tracestate: 'tracelog=d:1,a=1' }
    expect(passOn(headers, '127.0.0.1')['tracestate']).toBe('tracelog=d:1,a=1')
    expect(passOn(headers, 'api.example.com')['tracestate']).toBe('a=1')
    expect(passOn({ traceparent: PARENT, tracestate: 'tracelog=d:1' }, 'api.example.com')).toEqual({
      traceparent: PARENT,
    })
  })
})

describe('a tracestate that is too long', () => {
  const member = (at: number, length: number) => `${`k${at}`.padEnd(length - 101, 'x')}=${'y'.repeat(100)}`
  const lengths = (header: string) =>
    parseTraceState(header)
      ?.serialize()
      .split(',')
      .map((text) => text.length)

  test('up to 8,192 characters it is kept whole', () => {
    const header = Array.from({ length: 32 }, (_, at) => member(at, 255)).join(',')
    expect(header).toHaveLength(8_191)
    expect(parseTraceState(header)?.serialize()).toBe(header)
  })

  test('its large members go first, then the last ones; never a part of one', () => {
    const mixed = Array.from({ length: 32 }, (_, at) => member(at, at % 8 === 0 ? 128 : 350))
    expect(lengths(mixed.join(','))).toEqual([128, 128, 128, 128])
  })

  test('blanks do not count', () => {
    expect(parseTraceState(`a=1,${' '.repeat(20_000)},b=2`)?.serialize()).toBe('a=1,b=2')
  })
})

describe('baggage', () => {
  test('goes to trusted peers only; an application that injects by itself gets it', () => {
    const headers = { traceparent: PARENT, baggage: 'user=1' }
    expect(passOn(headers, 'localhost')['baggage']).toBe('user=1')
    expect(passOn(headers, 'api.example.com')).toEqual({ traceparent: PARENT })
    expect(passOn(headers)['baggage']).toBe('user=1')
  })

  test.each([
    ['k = v ; p = q , k2 = v2', 'k=v;p=q,k2=v2'],
    ['k\t=\tv\t;\tp\t=\tq\t,\tk2\t=\tv2', 'k=v;p=q,k2=v2'],
    ['k=v ; p , k2=v2', 'k=v;p,k2=v2'],
  ])('blanks around every sign are allowed: %j', (header, expected) => {
    expect(passOn({ baggage: header })).toEqual({ baggage: expected })
  })

  test('a member is whole or absent', () => {
    const big = Array.from({ length: 10 }, (_, at) => `k${at}=${'v'.repeat(1_000)}`).join(',')
    const kept = parseBaggage(big)?.getAllEntries() ?? []
    expect(kept).toHaveLength(8)
    expect(kept.every(([, { value }]) => value.length === 1_000)).toBe(true)
    const many = Array.from({ length: 70 }, (_, at) => `k${at}=1`).join(',')
    expect(parseBaggage(many)?.getAllEntries()).toHaveLength(64)
  })

  test('values survive, whatever they hold', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), value, { maxKeys: 8 }), (values) => {
        const entries = Object.entries(values).map(([key, text]) => [key, { value: text }] as const)
        const read = parseBaggage(formatBaggage(propagation.createBaggage(Object.fromEntries(entries))))
        expect(Object.fromEntries((read?.getAllEntries() ?? []).map(([key, entry]) => [key, entry.value]))).toEqual(
          Object.fromEntries(entries.map(([key, entry]) => [key, entry.value])),
        )
      }),
    )
  })

  test("properties are kept, the application's own members too", () => {
    expect(mergeBaggage('a=1;p=x', 'b=2;q,a=3')).toBe('a=3,b=2;q')
  })

  test('hostile headers never throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (traceparent, tracestate, baggage) => {
        passOn({ traceparent, tracestate, baggage })
        parseTraceState(tracestate)
        expect(() => parseBaggage(baggage)).not.toThrow()
      }),
    )
  })
})

describe('where to', () => {
  test.each([
    { propagateTo: 'trusted' as const, host: 'api.example.com', goes: false },
    { propagateTo: 'trusted' as const, host: '127.0.0.1', goes: true },
    { propagateTo: createTrustedPeers(['*.internal']), host: 'a.internal', goes: true },
    { propagateTo: createTrustedPeers(['*.internal']), host: '127.0.0.1', goes: false },
  ])('to $host: $goes', ({ propagateTo, host, goes }) => {
    expect('traceparent' in passOn({ traceparent: PARENT }, host, { propagateTo })).toBe(goes)
  })

  test('OTEL_PROPAGATORS=none: nothing is read or written', () => {
    expect(passOn({ traceparent: PARENT, baggage: 'a=1' }, 'localhost', { names: [] })).toEqual({})
    expect(trace.getSpanContext(ROOT_CONTEXT)).toBeUndefined()
  })
})
