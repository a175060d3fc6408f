import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { hideTokens } from '../../src/model/secrets/token-shapes.ts'
import { derivedClaims, readGrant, signGrant, type GrantClaims } from '../../src/returning/return-grant.ts'

const KEYS = ['first key of thirty-two bytes, or', 'the second one, as long as that is']
const NOW = 1_800_000_000_000
const CLAIMS: GrantClaims = {
  sub: 'ann',
  aud: 'shop',
  sid: 'AAAAAAAAAAAAAAAAAAAAAA',
  scopes: ['logs:public', 'console'],
  lvl: 9,
  iat: NOW / 1_000,
  exp: NOW / 1_000 + 300,
}
const CHECK = { keys: KEYS, nowMillis: NOW, audience: 'shop' }
const GRANT = signGrant(CLAIMS, KEYS)

test('what was signed with either key is read again', () => {
  expect(readGrant(GRANT, CHECK)).toEqual(CLAIMS)
  expect(readGrant(signGrant(CLAIMS, KEYS.slice(1)), CHECK)).toEqual(CLAIMS)
})

test('it is hidden by its own shape wherever it is logged: an application may log its headers', () => {
  expect(hideTokens(`tracelog-return: ${GRANT}, and more`)).toBe('tracelog-return: v1.[redacted], and more')
})

test.each<[string, Partial<GrantClaims>, object, string]>([
  ['another service', { aud: 'bank' }, {}, 'audience'],
  ['a time that is over, by more than the leeway', {}, { nowMillis: NOW + 330_000 }, 'expired'],
  ['a time that has not come', {}, { nowMillis: NOW - 31_000 }, 'expired'],
  ['too long a life', { exp: CLAIMS.iat + 901 }, {}, 'expired'],
  ['a key that nobody knows', {}, { keys: ['a third key that nobody has ever seen'] }, 'tampered'],
  ['no stream id', { sid: 'x' }, {}, 'malformed'],
  ['a level that there is not', { lvl: 25 }, {}, 'malformed'],
])('%s is refused', (_name, changed, check, reason) => {
  expect(readGrant(signGrant({ ...CLAIMS, ...changed }, KEYS), { ...CHECK, ...check })).toBe(reason)
})

test.each([
  [{ aud: '*' }, {}],
  [{}, { nowMillis: NOW + 329_000 }],
  [{ sid: undefined }, {}],
])('with %o and %o it is read', (changed, check) => {
  const claims = readGrant(signGrant({ ...CLAIMS, ...changed } as GrantClaims, KEYS), { ...CHECK, ...check })
  expect(claims).toMatchObject({ sub: 'ann' })
})

test('scopes that there are not grant nothing', () => {
  const scopes = ['logs:all', 'admin', 'logs:all'] as never
  expect(readGrant(signGrant({ ...CLAIMS, scopes }, KEYS), CHECK)).toMatchObject({ scopes: ['logs:all'] })
})

test('each byte counts: whichever is another one, the grant is refused', () => {
  for (let at = 0; at < GRANT.length; at++) {
    for (const other of ['A', 'B', '_', '.', '\u00ff']) {
      if (GRANT[at] === other) continue
      const changed = GRANT.slice(0, at) + other + GRANT.slice(at + 1)
      expect(readGrant(changed, CHECK), `byte ${at}`).toBeTypeOf('string')
    }
    expect(readGrant(GRANT.slice(0, at), CHECK)).toBeTypeOf('string')
  }
})

test('whatever else a caller sends is refused, and nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `v1.${text}`),
        fc.string({ minLength: 2_000, maxLength: 4_000 }),
      ),
      (text) => {
        expect(['malformed', 'tampered']).toContain(readGrant(text, CHECK))
      },
    ),
  )
})

test('claims of any shape that are signed are claims or refused', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (claims) => {
      const read = readGrant(signGrant(claims as never, KEYS), CHECK)
      expect(typeof read === 'object' || ['malformed', 'expired', 'audience'].includes(read)).toBe(true)
    }),
  )
})

const NEXT = { iat: NOW / 1_000 + 5, jti: 'BBBBBBBBBBBBBBBBBBBBBB' }
const RELAYED = { ...CLAIMS, isRelayed: true, hop: 0, jti: 'AAAAAAAAAAAAAAAAAAAAAA' }

test('what is handed on is for any service, one further, and no more than what was given', () => {
  const derived = derivedClaims(RELAYED, NEXT) as GrantClaims
  expect(derived).toEqual({ ...RELAYED, aud: '*', hop: 1, ...NEXT })
  expect(readGrant(signGrant(derived, KEYS), { ...CHECK, audience: 'bank' })).toEqual(derived)
})

test('services that call each other in a circle hand on nothing at last', () => {
  let claims: GrantClaims | undefined = RELAYED
  let times = 0
  while (claims !== undefined && times < 100) {
    claims = derivedClaims(claims, NEXT)
    times++
  }
  expect(times).toBe(17)
})

test.each<[string, object]>([
  ['a stream of this service', { hop: 3, jti: NEXT.jti }],
  ['what is no truth', { isRelayed: 'yes', hop: 3 }],
  ['a place that there is not', { isRelayed: true, hop: 17, jti: 'x' }],
])('%s names no place among services', (_name, changed) => {
  const claims = readGrant(signGrant({ ...CLAIMS, ...changed }, KEYS), CHECK) as GrantClaims
  expect([claims.hop, claims.jti]).toEqual([undefined, undefined])
})
