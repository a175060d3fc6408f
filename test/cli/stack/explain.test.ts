/** What is said of answers that no server here gives: the words alone. The others: test/stack/check, with real servers. */
import { describe, expect, test } from 'vitest'

import { explainFailure, explainOtlpStatus, explainReadStatus } from '../../../src/cli/stack/check/explain.ts'
import { growthOf, parseMetrics } from '../../../src/cli/stack/check/metrics.ts'
import type { Peer } from '../../../src/cli/stack/check/target.ts'

const peer: Peer = {
  name: 'Loki',
  url: 'https://loki.example:3100',
  flag: '--loki',
  start: 'Start it.',
  look: 'Look at its log.',
  ports: 'Loki is port 3100.',
  ca: 'Name the authority.',
  address: 'https://user:secret@loki.example:3100',
  headers: {},
  tls: {},
}

test.each([
  { failure: 'TIMEOUT', message: 'does not answer in time', hint: 'overloaded' },
  { failure: 'ENOTFOUND', message: 'cannot be resolved', hint: '--loki sets it' },
  { failure: 'EAI_AGAIN', message: 'cannot be resolved', hint: 'Check the address' },
  { failure: 'ECONNRESET', message: 'closes the connection', hint: 'Look at its log.' },
  { failure: 'EHOSTUNREACH', message: 'cannot be reached: EHOSTUNREACH no route', hint: 'Look at its log.' },
  { failure: 'CERT_HAS_EXPIRED', message: 'not valid now', hint: 'Renew it' },
  { failure: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'not signed by an authority', hint: 'Name the authority.' },
  {
    failure: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    message: 'wants a certificate of the client',
    hint: 'CLIENT_KEY',
  },
])('$failure', ({ failure, message, hint }) => {
  const said = explainFailure(peer, { failure, message: 'no route', steps: {} })
  expect(said.message).toContain(message)
  expect(said.message).toContain('loki.example:3100')
  expect(said.hint).toContain(hint)
  expect(JSON.stringify(said)).not.toContain('secret')
})

describe('a status', () => {
  const answer = (status: number, body = '') => ({ status, body, steps: {} })

  test.each([
    { status: 403, hint: 'OTEL_EXPORTER_OTLP_HEADERS' },
    { status: 413, hint: 'A proxy in between limits bodies' },
    { status: 415, hint: 'takes no JSON' },
    { status: 429, hint: 'wait' },
    { status: 502, hint: 'A proxy in front' },
    { status: 500, hint: 'It failed itself. Look at its log.' },
    { status: 302, hint: 'follow no redirect' },
    { status: 418, hint: 'no answer of an OTLP receiver' },
  ])('$status of an OTLP endpoint', ({ status, hint }) => {
    const said = explainOtlpStatus(peer, answer(status, 'why\n  it is so'))
    expect(said.message).toBe(`https://loki.example:3100 answers ${status}: why it is so`)
    expect(said.hint).toContain(hint)
  })

  test.each([
    { status: 401, body: 'no org id\n', message: 'divided into tenants', hint: '--tenant' },
    { status: 401, body: 'who are you', message: 'answers 401: who are you', hint: 'wants a login' },
    { status: 404, body: '', message: 'answers 404', hint: 'Is that Loki?' },
    { status: 500, body: '', message: 'answers 500', hint: 'Look at its log.' },
  ])('$status of a reader: $body', ({ status, body, message, hint }) => {
    const said = explainReadStatus(peer, answer(status, body))
    expect(said.message).toContain(message)
    expect(said.hint).toContain(hint)
  })
})

test('counters are compared series by series; one that is new began at 0', () => {
  const before = parseMetrics('# HELP x\nx{tenant="a",le="+Inf"} 3\nx{tenant="b"} 5\ny 1e+03\n')
  const after = parseMetrics('x{tenant="a",le="+Inf"} 4\nx{tenant="b"} 5\nx{tenant="c \\"d\\""} 2\ny 1001\n')
  expect(growthOf('x', before, after).map(({ labels, value }) => [labels['tenant'], value])).toEqual([
    ['a', 1],
    ['c \\"d\\"', 2],
  ])
  expect(growthOf('y', before, after)).toEqual([{ name: 'y', labels: {}, value: 1 }])
  expect(growthOf('x', undefined, after)).toEqual([])
})
