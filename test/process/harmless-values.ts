/**
 * Over 2,000 values as applications log them, none of them a secret: sentences, paths, URLs, ids, SQL, stacks, settings.
 *
 * Made from lists and seeds, so that each is the same in every run.
 */

export interface HarmlessValue {
  readonly key: string
  readonly value: string
}

const SENTENCES = [
  'bearer authentication failed for user ann',
  'the token expired, please sign in again',
  'Bearer token missing',
  'no bearer of bad news',
  'password: must have at least 8 characters',
  'Password changed for user 42',
  'reset the password?',
  'secret santa is on Friday',
  'Basic plan selected',
  'basic authentication is disabled',
  'session ended after 30 minutes',
  'key not found: user:42',
  'cookie consent given',
  'authorization failed: not an owner',
  'authorization: missing',
  'what happened? nothing & nobody knows',
  'token count: 512 of 4096',
  'cache key users:42:profile',
  'took 42 ms (98 %)',
  'begin of the report -----',
  'state machine entered state=open',
  'exit code=0',
  'retrying in 5 s, attempt 3/5',
  'connected to redis://127.0.0.1:6379/0',
  'listening on http://localhost:3000',
  'mail sent to ann@example.com',
  'cloned ssh://git@github.com/acme/web.git',
  'see https://example.com/docs/?page=2&sort=asc#top',
  'loaded file:///srv/app/node_modules/@acme/web/index.js',
  'GET /api/items/17?limit=20&offset=40 200 12 ms',
  'api key rotation is due',
  'credentials were not needed',
  'CVV check passed',
  'Überraschung: alles in Ordnung',
  '注文を受け付けました',
  'SELECT id, name FROM users WHERE id = $1',
  'HGETALL user:42',
  'eyJ is how every JWT begins',
  'AKIA is the prefix of access keys',
  'digest sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bcd15d6c15b0f00a08',
]
const VERBS = [
  'created',
  'updated',
  'deleted',
  'fetched',
  'cached',
  'rejected',
  'queued',
  'retried',
  'expired',
  'signed',
]
const NOUNS = [
  'token',
  'password',
  'session',
  'secret',
  'user',
  'cart',
  'order',
  'key',
  'cookie',
  'credential',
  'invoice',
]
const KEYS = [
  'message',
  'note',
  'url.full',
  'url.path',
  'db.query.text',
  'user.id',
  'http.route',
  'reason',
  'path',
  'tokens',
]

/** A small generator of numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function text(next: () => number, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
}

function make(): readonly HarmlessValue[] {
  const next = random(7)
  const hex = (length: number): string => text(next, '0123456789abcdef', length)
  const word = (length: number): string => text(next, 'abcdefghijklmnopqrstuvwxyz', length)
  const base64 = (length: number): string =>
    text(next, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', length)
  const makers: readonly (() => string)[] = [
    () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    () => hex(32),
    () => `sha256-${base64(43)}=`,
    () => `https://${word(8)}.example.com/${word(5)}/${hex(4)}?${word(4)}=${word(6)}&page=${hex(1)}`,
    () => `/${word(4)}/${word(6)}/${hex(6)}`,
    () =>
      `${VERBS[Math.floor(next() * VERBS.length)]} ${NOUNS[Math.floor(next() * NOUNS.length)]} ${hex(4)} in ${hex(2)} ms`,
    () => `SELECT ${word(4)}, ${word(5)} FROM ${word(6)} WHERE ${word(3)} = ? AND state = 'open'`,
    () =>
      `Error: ${word(6)} is not defined\n    at ${word(5)} (file:///srv/${word(4)}/node_modules/@${word(4)}/${word(5)}/index.js:1:2)`,
    () => `${word(5)}@${word(6)}.example.org`,
    () => `{"id":"${hex(8)}","${word(5)}":"${word(6)}","count":${Math.floor(next() * 1000)}}`,
    () => `${word(4)}=${word(5)} ${word(6)}=${hex(3)}`,
    () => `redis://${word(6)}:6379/${Math.floor(next() * 9)}`,
    () => `2024-09-12T14:35:${String(Math.floor(next() * 60)).padStart(2, '0')}.001Z`,
    () => base64(24),
    () => `${NOUNS[Math.floor(next() * NOUNS.length)]}: ${word(7)} ${word(3)} ${word(5)}`,
    () => `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/${Math.floor(next() * 600)}.36 (KHTML, like Gecko)`,
  ]
  const made = Array.from({ length: 2000 }, (_, index) => makers[index % makers.length]?.() ?? '')
  return [...SENTENCES, ...made].map((value, index) => ({ key: KEYS[index % KEYS.length] ?? 'note', value }))
}

export const HARMLESS: readonly HarmlessValue[] = make()
