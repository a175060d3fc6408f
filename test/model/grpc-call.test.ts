import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { grpcCodeName, grpcCodeOf, grpcMethodOf, isGrpcServerError } from '../../src/model/grpc-call.ts'
import { fasterThanSize } from '../support/growth.ts'

describe('what a path names', () => {
  test.each([
    ['/helloworld.Greeter/SayHello', { service: 'helloworld.Greeter', method: 'SayHello' }],
    ['/Greeter/Say', { service: 'Greeter', method: 'Say' }],
    ['/my/own.Greeter/Say', { service: 'my/own.Greeter', method: 'Say' }],
  ])('%s is %j', (path, named) => {
    expect(grpcMethodOf(path)).toEqual(named)
  })

  test.each([
    '',
    '/',
    '//',
    '/a',
    '/a/',
    '//b',
    'a/b',
    '/a/b c',
    '/a/<b>',
    '/a\n/b',
    `/a/${'b'.repeat(300)}`,
    `/${'a'.repeat(300)}/b`,
  ])('%j is no procedure: nobody but its client has chosen that name', (path) => {
    expect(grpcMethodOf(path)).toBeUndefined()
  })

  test('is told in a time that grows with its length', () => {
    expect(fasterThanSize(grpcMethodOf, [{}, { before: '/', after: '/x ' }])).toEqual([])
  })
})

test.each([
  ['0', 0],
  ['16', 16],
  [14, 14],
  ['99999', 99_999],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['123456', undefined],
  [undefined, undefined],
  [['0', '1'], undefined],
])('the status %j is read as %j', (header, code) => {
  expect(grpcCodeOf(header)).toBe(code)
})

test('codes are named as statuscodes.md has them; others are their number', () => {
  expect([0, 1, 5, 14, 16, 17, 99].map(grpcCodeName)).toEqual([
    'OK',
    'CANCELLED',
    'NOT_FOUND',
    'UNAVAILABLE',
    'UNAUTHENTICATED',
    '17',
    '99',
  ])
})

test('a server is to blame for six of them', () => {
  expect(Array.from({ length: 20 }, (_, code) => code).filter(isGrpcServerError)).toEqual([2, 4, 12, 13, 14, 15])
})

test('no path makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (path) => void grpcMethodOf(`/${path}`)))
})
