import { describe, expect, test } from 'vitest'

import type { TreeRow } from '../../src/model/api.ts'
import { causesOf } from '../../src/model/error-causes.ts'
import { messageWithError, rowError, rowOutcome, rowTitle, spanFields } from '../../src/model/row-words.ts'

function call(fields: Record<string, unknown>, more: Partial<TreeRow> = {}): TreeRow {
  const { method = 'GET', ...others } = fields
  return { kind: 'span', depth: 0, at_ms: 0, component: 'client', name: 'GET', fields: { method, ...others }, ...more }
}

describe('a call to a service that sends nothing', () => {
  test.each([
    [{ 'url.full': 'https://api.stripe.com/v1/charges?expand=x#y' }, 'GET api.stripe.com/v1/charges'],
    [{ 'url.full': 'http://user:word@127.0.0.1:8080/' }, 'GET 127.0.0.1:8080'],
    [{ 'url.full': 'http://h?x=/y' }, 'GET h'],
    [{ 'http.url': 'http://old.test/x', method: 'PUT' }, 'PUT old.test/x'],
    [{ 'server.address': 'h', 'server.port': 8080, path: '/x' }, 'GET h:8080/x'],
    [{ 'server.address': 'h', 'server.port': 443 }, 'GET h'],
    [{ path: '/x' }, 'GET /x'],
    [{ 'rpc.service': 'shop.Cart', 'rpc.method': 'Add', 'server.address': 'h', method: undefined }, 'shop.Cart/Add'],
    [{ 'rpc.service': 'shop.Cart', 'rpc.method': 'Add', method: 'POST', path: '/shop.Cart/Add' }, 'shop.Cart/Add'],
    [{}, 'GET'],
  ])('%j is titled %s', (fields, title) => {
    expect(rowTitle(call(fields))).toBe(title)
  })

  test.each([
    [{ status: 200 }, '200', ''],
    [
      { status: 'error', error: { type: 'ECONNREFUSED', message: 'connect ECONNREFUSED ::1:1' } },
      'ECONNREFUSED',
      'connect ECONNREFUSED ::1:1',
    ],
    [{ status: 'error', error: { type: 'TimeoutError', message: '' } }, 'TimeoutError', ''],
    [{ status: 503, error: { type: '503', message: '' } }, '503', ''],
    [{ status: 500, error: { type: 'TypeError', message: 'no', causes: ['x'] } }, '500', 'TypeError: no, caused by x'],
    [{ status: 'INTERNAL', error: { type: 'INTERNAL', message: 'no such cart' } }, 'INTERNAL', 'no such cart'],
    [{ status: 'NOT_FOUND' }, 'NOT_FOUND', ''],
    [{ status: 'error' }, 'error', ''],
  ] as const)('%j ends with %s and tells %j', (more, outcome, error) => {
    const row = call({}, more)
    expect([rowOutcome(row), rowError(row)]).toEqual([outcome, error])
  })
})

test('a request of GraphQL tells its operation: its path is that of all others', () => {
  const said = spanFields(call({ method: 'POST', path: '/graphql', 'graphql.operation.name': 'Shelf' }))
  expect(Object.entries(said).filter(([, value]) => value !== undefined)).toEqual([['graphql.operation.name', 'Shelf']])
})

describe('what caused an error', () => {
  test.each([
    [{}, []],
    [{ 'exception.cause': 'a text' }, ['a text']],
    [{ 'exception.cause.type': 'Error', 'exception.cause.code': 'ENOENT' }, ['ENOENT']],
    [
      {
        'exception.cause.message': 'a',
        'exception.cause.cause.message': 'b',
        'exception.cause.cause.cause': '{"type":"E","message":"c","cause":"d"}',
      },
      ['a', 'b', 'E: c', 'd'],
    ],
    [
      {
        'exception.errors':
          '[{"type":"Error","message":"connect ECONNREFUSED ::1:1"},{"type":"Error","message":"connect ECONNREFUSED 127.0.0.1:1"}]',
      },
      ['connect ECONNREFUSED ::1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
    ],
    [
      {
        'exception.cause.type': 'AggregateError',
        'exception.cause.message': '',
        'exception.cause.code': 'ECONNREFUSED',
        'exception.cause.errors': '[{"message":"connect ::1"}]',
      },
      ['AggregateError: ECONNREFUSED', 'connect ::1'],
    ],
    [{ 'exception.cause': '{ no json' }, ['{ no json']],
  ])('of %j is %j', (fields, causes) => {
    expect(causesOf(fields)).toEqual(causes)
  })

  test('stands behind the error, once, and its keys are told by that', () => {
    const fields = { 'exception.cause.message': 'b', 'exception.cause.stacktrace': 'Error: b\n  at x', user: 7 }
    const { text, said } = messageWithError('failed', { type: 'Error', message: 'no cart', causes: ['b'] }, fields)
    expect(text).toBe('failed  Error: no cart, caused by b')
    expect([...said]).toEqual(['error_type', 'error_message', 'exception.cause.message', 'exception.cause.stacktrace'])
    expect(messageWithError('a, for b', { message: 'a', causes: ['b'] }).text).toBe('a, for b')
  })
})
