/**
 * The log records that the backend is measured with: about 600 bytes each, 20 services, requests of several records, bodies of many
 * templates full of numbers, 8 to 12 attributes. The same seed gives the same records.
 */
import type { Attributes } from '../../../src/model/any-value.ts'
import { OtlpEncoder } from '../../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../../src/model/otlp-request.ts'

/** A word that stands in exactly one record of every `RARE_EVERY`. */
export const RARE_WORD = 'zanzibarquux'
export const RARE_EVERY = 20_000

/** Records of one trace follow each other: so many. */
const TRACE_LENGTH = 5
const SERVICES = 20

const WORDS =
  'request handled payment order cart customer cache lookup retry upstream session token index batch queue worker page item price stock'.split(
    ' ',
  )
const LEVELS = ['DEBUG', 'INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'WARN', 'ERROR'] as const
const SEVERITY = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 } as const

/** Numbers from 0 (included) to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The trace id of the records `index` ... : 32 hex digits. */
export function traceIdOf(index: number): string {
  const random = randomFrom(Math.floor(index / TRACE_LENGTH) + 1)
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 0xffff_ffff)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
}

/** An ExportLogsServiceRequest with the records from `first` on, all of one service. Times lie in the last 24 h. */
export function requestOf(first: number, count: number, total: number, nowMillis: number): Uint8Array {
  const encoder = new OtlpEncoder()
  const service = Math.floor(first / count) % SERVICES
  for (let index = first; index < first + count; index++) {
    const random = randomFrom(index * 7 + 3)
    const millis = nowMillis - Math.floor(((total - index) / total) * 86_400_000)
    const timeUnixNano = BigInt(millis) * 1_000_000n + BigInt(Math.floor(random() * 1e6))
    const level = LEVELS[Math.floor(random() * LEVELS.length)]!
    encoder.appendLog(
      {
        timeUnixNano,
        observedTimeUnixNano: timeUnixNano + 1000n,
        severityNumber: SEVERITY[level],
        severityText: level,
        eventName: '',
        body: bodyOf(index, random),
        attributes: attributesOf(index, service, random),
        traceId: traceIdOf(index),
        spanId: Math.floor(random() * 2 ** 52)
          .toString(16)
          .padStart(16, '1'),
        traceFlags: 1,
        droppedAttributesCount: 0,
      },
      index,
    )
  }
  const resource = encodeResource({
    attributes: {
      'service.name': `service-${service}`,
      'service.instance.id': `i-${service}`,
      'service.version': '1.4.2',
    },
  })
  const scope = encodeScope({ name: 'winston', version: '3.19.0' })
  return assembleRequest([{ resource, scopes: [{ scope, records: [encoder.take()] }] }])
}

function bodyOf(index: number, random: () => number): string {
  const length = 8 + Math.floor(random() * 36)
  const words = Array.from({ length }, () => {
    const word = WORDS[Math.floor(random() * WORDS.length)]!
    return random() < 0.15 ? `${word}=${Math.floor(random() * 1e5)}` : word
  })
  if (index % RARE_EVERY === RARE_EVERY >> 1) words.push(RARE_WORD)
  return words.join(' ')
}

function attributesOf(index: number, service: number, random: () => number): Attributes {
  return {
    'http.request.method': random() < 0.8 ? 'GET' : 'POST',
    'url.path': `/api/items/${Math.floor(random() * 1e5)}`,
    'http.route': `/api/items/{id}/${service}`,
    'http.response.status_code': random() < 0.95 ? 200 : 500,
    'tracelog.response_time_ms': Math.round(random() * 1e5) / 1000,
    'tracelog.component': 'http_server',
    'client.address': `10.0.${Math.floor(random() * 255)}.${Math.floor(random() * 255)}`,
    'user.id': Math.floor(random() * 1e6),
    'session.id': Math.floor(random() * 2 ** 48).toString(36),
    ...(index % 3 === 0 ? { 'tracelog.cache.hit': random() < 0.7, 'tracelog.cache.name': 'redis' } : {}),
  }
}
