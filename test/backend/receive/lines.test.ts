import { describe, expect, test } from 'vitest'

import { decodeLogsRequest } from '../../../src/model/otlp-decode.ts'
import { ACCESS_CASES } from '../../contract/access-lines.ts'
import { send, startTestBackend } from '../support/backend.ts'

describe('POST /v1/lines', () => {
  test('keeps flat lines as their records and other lines as bodies, by who sent them', async () => {
    const { ready, stages } = await startTestBackend()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const body = [
      `{"timestamp":"2024-09-12T14:35:22.001Z","trace_id":"${trace}","service":"lb","level":"WARN","message":"slow","method":"GET"}`,
      'plain <text> é',
      '',
      '{"not":"cut off"',
    ].join('\r\n')
    // What curl says of itself.
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await send(`${ready.otlp_http}/v1/lines?service=nginx`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    expect(JSON.parse(String(answer.body))).toEqual({ accepted: 3 })

    const [lb, nginx] = stages.requests.flatMap((request) => decodeLogsRequest(request.bytes))
    expect(lb?.resource.attributes).toEqual({ 'service.name': 'lb' })
    expect(lb?.scopes[0]?.records).toMatchObject([
      { body: 'slow', severityNumber: 13, traceId: trace, attributes: { 'http.request.method': 'GET' } },
    ])
    expect(nginx?.resource.attributes).toEqual({ 'service.name': 'nginx' })
    expect(nginx?.scopes[0]?.records.map((record) => record.body)).toEqual(['plain <text> é', '{"not":"cut off"'])
  })

  test('keeps lines of a load balancer as hop records, and what is none of them as text, and says so', async () => {
    const { ready, stages } = await startTestBackend()
    const { line, expected } = ACCESS_CASES.find(({ kind }) => kind === 'nginx')!
    const body = [line, 'nginx: [alert] something', '', line.slice(0, 50)].join('\n')
    const answer = await send(`${ready.otlp_http}/v1/lines?kind=nginx`, { method: 'POST', body })
    expect(JSON.parse(String(answer.body))).toEqual({
      accepted: 3,
      unreadable: 2,
      first_problem: 'line 2 is kept as text: it is not JSON',
    })

    const [nginx, ...others] = stages.requests.flatMap((request) => decodeLogsRequest(request.bytes))
    expect(others).toEqual([])
    expect(nginx?.resource.attributes).toEqual({ 'service.name': 'nginx' })
    const [hop, ...plain] = nginx?.scopes.flatMap(({ records }) => records) ?? []
    expect(hop).toMatchObject({ ...expected, eventName: 'tracelog.lb.end' })
    expect(plain).toMatchObject([
      { body: 'nginx: [alert] something', eventName: '' },
      { body: line.slice(0, 50), eventName: '' },
    ])
  })

  test('replaces bytes that are not UTF-8, and keeps all lines', async () => {
    const { ready, stages } = await startTestBackend()
    const body = Buffer.concat([Buffer.from('one\ncaf'), Buffer.from([0xe9]), Buffer.from(' two\nthree')])
    const answer = await send(`${ready.otlp_http}/v1/lines`, { method: 'POST', body })
    expect([answer.status, JSON.parse(String(answer.body))]).toEqual([200, { accepted: 3 }])
    expect(stages.bodies()).toEqual(['one', 'caf\ufffd two', 'three'])
  })

  test.each([
    { what: 'a kind that is none', path: '/v1/lines?kind=morse', type: 'text/plain', body: 'a', status: 400 },
    { what: 'a picture', path: '/v1/lines', type: 'image/png', body: 'a', status: 415 },
    { what: 'nothing', path: '/v1/lines', type: 'text/plain', body: '\n\n', status: 200 },
  ])('answers $what with $status', async ({ path, type, body, status }) => {
    const { ready, stages } = await startTestBackend()
    const answer = await send(ready.otlp_http + path, { method: 'POST', headers: { 'content-type': type }, body })
    expect(answer.status).toBe(status)
    expect(stages.requests).toHaveLength(0)
  })
})
