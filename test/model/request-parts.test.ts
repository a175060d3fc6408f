import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { decodeLogsRequest } from '../../src/model/otlp-decode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../src/model/otlp-request.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { halvesOfRequest, mergeRequests } from '../../src/model/request-parts.ts'

const resource = encodeResource({ attributes: { 'service.name': 'shop' } })
const scopes = ['a', 'b'].map((name) => encodeScope({ name, version: '1' }))

/** A request of these bodies; each goes to the scope whose number it has. */
function requestOf(records: readonly { readonly body: string; readonly scope: number }[]): Uint8Array<ArrayBuffer> {
  const encoded = records.map(({ body, scope }, seq) => {
    const encoder = new OtlpEncoder()
    encoder.appendLog(
      {
        timeUnixNano: 1n,
        observedTimeUnixNano: 1n,
        severityNumber: 9,
        severityText: '',
        eventName: '',
        body,
        attributes: {},
        traceId: '',
        spanId: '',
        traceFlags: 0,
        droppedAttributesCount: 0,
      },
      seq,
    )
    return { scope, bytes: encoder.take() }
  })
  return assembleRequest([
    {
      resource,
      scopes: scopes.map((scope, number) => ({
        scope,
        records: encoded.filter((one) => one.scope === number).map(({ bytes }) => bytes),
      })),
    },
  ])
}

const textsOf = (request: Uint8Array): string[] =>
  decodeLogsRequest(request).flatMap((ofResource) =>
    ofResource.scopes.flatMap(({ scope, records }) =>
      records.map(({ body }) => `${scope.name}: ${JSON.stringify(body)}`),
    ),
  )

const someRecords = fc.array(fc.record({ body: fc.string({ maxLength: 300 }), scope: fc.nat({ max: 1 }) }), {
  minLength: 1,
  maxLength: 12,
})

describe('a request taken apart', () => {
  test('gives halves with every record once', () => {
    fc.assert(
      fc.property(someRecords, (written) => {
        const [first, second] = halvesOfRequest(requestOf(written)) ?? []
        expect(first === undefined).toBe(written.length === 1)
        const texts = [first, second].map((half) => (half === undefined ? [] : textsOf(half)))
        expect(Math.abs(texts[0]!.length - texts[1]!.length)).toBeLessThanOrEqual(1)
        const all = first === undefined ? [] : textsOf(requestOf(written))
        expect(texts.flat().toSorted()).toEqual(all.toSorted())
      }),
    )
  })

  test('is put together again with other requests, resource and scopes once', () => {
    fc.assert(
      fc.property(someRecords, (written) => {
        const single = written.map((one) => requestOf([one]))
        expect(Buffer.from(mergeRequests([requestOf(written)])).equals(requestOf(written))).toBe(true)
        expect(textsOf(mergeRequests(single)).toSorted()).toEqual(textsOf(requestOf(written)).toSorted())
        expect(decodeLogsRequest(mergeRequests(single))).toHaveLength(1)
      }),
    )
  })
})
