/**
 * What does hiding secrets cost for ordinary texts, beside encoding the same record? One process, rounds in turn, the fastest round
 * of each counts: on a busy machine the others measure the neighbours.
 */
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { announce, table } from './support/figures.ts'

const ROUNDS = 25
const LONG_SENTENCE = 'request handled in 17 ms for customer ann; path /api/items took 12 ms, '.repeat(450)
const STACK = `Error: x\n${'    at Layer.handle [as handle_request] (/srv/app/node_modules/express/lib/router/layer.js:95:5)\n'.repeat(9)}`
const REQUEST = {
  level: 'info',
  time: 1_732_170_000_123,
  msg: 'request completed',
  req: { id: 7, method: 'GET', url: '/api/items/17?limit=20', headers: { host: 'x', 'user-agent': 'curl/8' } },
  responseTime: 12.3,
}

const TEXTS: Readonly<Record<string, string>> = {
  'a sentence': 'request handled in 17 ms for customer',
  'a sentence of 32 KB': LONG_SENTENCE,
  'an access line': 'GET /api/items/17?limit=20&offset=40 200 12 ms',
  'a line of JSON': JSON.stringify(REQUEST),
  'a stack': STACK,
  'words of secrets': 'token count: 512 of 4096, session ended after 30 minutes',
  'a secret': '{"user":"ann","password":"hunter2","n":1}',
}

const redactor = createRedactor()
const encoder = new OtlpEncoder()

function recordOf(body: string): LogRecord {
  return {
    timeUnixNano: 1n,
    observedTimeUnixNano: 1n,
    severityNumber: 9,
    severityText: 'info',
    eventName: '',
    body,
    attributes: { 'http.request.method': 'GET', 'url.path': '/api/items/17', 'user.id': 17, component: 'orders' },
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    droppedAttributesCount: 0,
  }
}

/** Nanoseconds of one call. */
function fastest(run: () => void, calls: number): number {
  let least = Infinity
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint()
    for (let call = 0; call < calls; call += 1) run()
    least = Math.min(least, Number(process.hrtime.bigint() - start) / calls)
  }
  return least
}

announce('What does hiding secrets cost?')
table(
  ['record with', 'characters', 'redact ns', 'encode ns', 'redact / encode'],
  Object.entries(TEXTS).map(([name, text]) => {
    const record = recordOf(text)
    const calls = text.length > 5000 ? 20 : 2000
    const redact = fastest(() => void redactor.redactLog(record), calls)
    const encode = fastest(() => {
      encoder.appendLog(record, 1)
      if (encoder.byteLength > 200_000) encoder.take()
    }, calls)
    return [name, text.length, redact, encode, redact / encode]
  }),
)
