import { expect, test } from 'vitest'

import { isHit, keyPattern, redisCommand } from '../../../src/capture/cache/redis-commands.ts'

test.each([
  ['GET', null, false],
  ['GET', '', true],
  ['MGET', [null, null], false],
  ['MGET', [null, 'v'], true],
  ['HMGET', [null], false],
  ['EXISTS', 0, false],
  ['EXISTS', 2, true],
  ['HGETALL', {}, false],
  ['HGETALL', { a: '1' }, true],
  ['HGETALL', [], false],
  ['SMEMBERS', new Set(['a']), true],
  ['GET', 'QUEUED', undefined],
  ['SET', 'OK', undefined],
  ['TTL', -2, undefined],
])('%s answering %j is a hit: %s', (name, answer, expected) => {
  expect(isHit(name, answer)).toBe(expected)
})

test('reads, writes, deletes and housekeeping are told apart', () => {
  expect(redisCommand('get')).toEqual({ name: 'GET', op: 'get', isRead: true, isHousekeeping: false, isWaiting: false })
  expect(['xread', 'BZPOPMIN', 'LPOP'].map((name) => redisCommand(name).isWaiting)).toEqual([true, true, false])
  expect(redisCommand('SETEX').op).toBe('set')
  expect(redisCommand('unlink').op).toBe('delete')
  expect(redisCommand('lpush')).toMatchObject({ op: 'lpush', isRead: false })
  expect(redisCommand('hello').isHousekeeping).toBe(true)
})

test.each([
  ['user:42', 'user:*'],
  ['user:42:cart', 'user:*:*'],
  ['app:user:abc', 'app:user:*'],
  ['plain', '*'],
  ['a@b.c', '*.*'],
  ['?', undefined],
])('%s is written as %s', (key, expected) => {
  expect(keyPattern(key)).toBe(expected)
})
