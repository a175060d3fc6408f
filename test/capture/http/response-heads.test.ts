/** Whatever the application does with its headers, on the wire stands what bare Node writes, and one line of ours. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { NODE_VERSIONS, nodeBinary } from '../../support/nodes.ts'
import { exchange, startSame, type SameServer } from '../../support/same-server.ts'

const OURS = /^Server-Timing: trace;desc=00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]\r\n/gm
/** Of a response with a 5xx besides: its request is worth a dump. At the end of its head, and once. */
const DUMP = /^(HTTP\/1\.1 5(?:.+\r\n)+?)Tracelog-Dump: [0-9a-f]{32}\r\n(?=\r\n)/gm
const DATE = /^Date: .*\r\n/gm

const request = (target: string, { method = 'GET', headers = 'Connection: close\r\n', version = '1.1' } = {}) =>
  `${method} /${encodeURIComponent(target)} HTTP/${version}\r\nHost: test\r\n${headers}\r\n`

const written = async ({ port }: SameServer, text: string) =>
  (await exchange(port, text)).replace(DATE, 'Date: now\r\n').replace(DUMP, '$1')

const EXTRA = [
  { name: 'HEAD', text: request('writeHead, object', { method: 'HEAD' }), heads: 1 },
  { name: 'HTTP/1.0', text: request('writeHead, list of pairs', { version: '1.0' }), heads: 1 },
  {
    name: 'Expect: 100-continue',
    text: request('writeContinue', { headers: 'Expect: 100-continue\r\nConnection: close\r\n' }),
    heads: 1,
    // It sees `request` events only.
    otel: 0,
  },
  {
    name: 'keep-alive and pipelined',
    text:
      request('no headers', { headers: '' }) +
      request('trailers', { headers: '' }) +
      request('204', { headers: '' }) +
      request('flushHeaders'),
    heads: 4,
  },
  { name: 'no host', text: 'GET / HTTP/1.1\r\n\r\n', heads: 1, otel: 0 },
  { name: 'malformed', text: 'GET / HTTP/9\r\n\r\n', heads: 0 },
]

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  let bare: SameServer
  let names: string[]
  beforeAll(async () => {
    bare = await startSame('heads/http1.cjs', 'bare', nodeBinary(version))
    names = JSON.parse((await exchange(bare.port, request('names'))).split('\r\n').at(-1) ?? '') as string[]
    expect(names.length).toBeGreaterThan(35)
  })
  afterAll(() => bare.stop())

  describe.each(['channels', 'otel'] as const)('engine %s', (engine) => {
    let ours: SameServer
    beforeAll(async () => {
      ours = await startSame('heads/http1.cjs', engine, nodeBinary(version))
    })
    afterAll(() => ours.stop())

    test('each way to write a head: the same bytes', async () => {
      for (const name of names) {
        const [theirs, own] = await Promise.all([written(bare, request(name)), written(ours, request(name))])
        expect(own.replace(OURS, ''), name).toBe(theirs)
        expect(own.match(OURS), name).toHaveLength(1)
      }
    })

    test.each(EXTRA)(
      '$name: the same bytes, and a line of ours in each head of a request that is a hop',
      async ({ text, heads, otel }) => {
        const [theirs, own] = await Promise.all([written(bare, text), written(ours, text)])
        expect(own.replace(OURS, '')).toBe(theirs)
        expect(own.match(OURS) ?? []).toHaveLength(engine === 'otel' ? (otel ?? heads) : heads)
      },
    )
  })
})

const NAME = fc.constantFrom(
  'X-One',
  'x-one',
  'Set-Cookie',
  'set-cookie',
  'Server-Timing',
  'server-timing',
  'Cache-Status',
)
const VALUE = fc.constantFrom('1', 'a=1; Path=/', 'db;dur=5', '', 'x, y', 'é', 'bad\n')
const VALUES = fc.oneof(VALUE, fc.array(VALUE, { maxLength: 3 }))
const PAIR = fc.tuple(NAME, VALUES)
const HEADERS = fc.oneof(
  fc.dictionary(NAME, VALUES, { maxKeys: 4 }),
  fc.array(PAIR, { maxLength: 4 }),
  fc.array(fc.tuple(NAME, VALUE), { maxLength: 4 }).map((pairs) => pairs.flat()),
  fc.constant(['odd']),
)
const STATUS = fc.constantFrom(200, 204, 304, 404, 500)
const CALL = fc.oneof(
  fc.tuple(fc.constant('setHeader'), NAME, VALUES),
  fc.tuple(fc.constant('appendHeader'), NAME, VALUES),
  fc.tuple(fc.constant('removeHeader'), NAME),
  fc.tuple(fc.constant('getHeader'), NAME),
  fc.tuple(fc.constant('hasHeader'), NAME),
  fc.tuple(fc.constantFrom('getHeaders', 'getHeaderNames', 'getRawHeaderNames', 'flushHeaders')),
  fc.tuple(
    fc.constant('setHeaders'),
    fc.array(PAIR, { maxLength: 3 }).map((map) => ({ map })),
  ),
  fc.tuple(fc.constant('writeHead'), STATUS, HEADERS),
  fc.tuple(fc.constant('writeHead'), STATUS, fc.constant('Message'), HEADERS),
  fc.tuple(fc.constantFrom('write', 'end'), fc.constant('body')),
)

describe.each(['channels', 'otel'] as const)('engine %s', (engine) => {
  test('any sequence of header calls: the same answers, the same bytes', async () => {
    const [bare, ours] = await Promise.all(
      (['bare', engine] as const).map((name) => startSame('heads/http1.cjs', name, process.execPath)),
    )
    try {
      const program = fc.array(CALL, { maxLength: 7 })
      await fc.assert(
        fc.asyncProperty(program, async (calls) => {
          const text = request(JSON.stringify(calls))
          const [theirs, own] = await Promise.all([written(bare!, text), written(ours!, text)])
          expect(own.replace(OURS, '')).toBe(theirs)
          expect(own.match(OURS)).toHaveLength(1)
        }),
        { numRuns: 250 },
      )
    } finally {
      await Promise.all([bare?.stop(), ours?.stop()])
    }
  })
})
