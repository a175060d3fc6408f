/**
 * No text takes time that grows faster than its length, whatever the forms in it: keys and values that never end, brackets and
 * quotes that never close, words that are nearly a secret's.
 */
import { expect, test } from 'vitest'

import { createTextRedactor } from '../../../src/model/secrets/redact-text.ts'
import { fasterThanSize, type Frame } from '../../support/growth.ts'

const hide = createTextRedactor()

/** Before the repeated part and after it. */
const FRAMES: readonly Frame[] = [
  { before: 'password=' },
  { before: "password: '" },
  { before: '"password":"' },
  { before: '\\"password\\":\\"' },
  { before: 'cookies: {' },
  { before: 'cookies: [' },
  { before: 'Cookie: sid=' },
  { before: 'Authorization: Digest ' },
  { before: 'pwd=/' },
  { before: "[ 'cookie', '" },
  { before: 'name="password"\r\n\r\n' },
  { before: '<password>' },
  { before: '--password ' },
  { before: 'postgres://a:', after: '@' },
  { before: 'Basic ' },
  { before: 'passphrase: ' },
]

test.each(FRAMES)('%o', (frame) => {
  expect(fasterThanSize(hide, [frame])).toEqual([])
})

/** Each is repeated: the end of one may be the beginning of the next. */
const UNITS: readonly string[] = [
  'pwd=/',
  'pwd="/',
  "token: '1",
  'token = f(',
  'token: {',
  'token: [',
  'secret: Map(2) {',
  '<token>',
  '<token> <',
  '--token ',
  '--token -',
  "'token', ",
  "[ 'token', \"",
  "[['token',[",
  'name: "token", ',
  "name: 'token', value: ",
  'name="token"\r\n',
  'name="token"\r\n\r\n',
  'Cookie: a=b',
  'cookie: a="',
  'Authorization: Digest a="',
  'Authorization: Bearer ',
  'api key: ',
  'one time code: ',
  'a'.repeat(63) + 'token.',
  'token_value_',
  'tokentokentoken',
  'AAAAAAAAAAAAAAAA_token',
  '?token=',
  '?token&token',
  '&code=1',
  'https://a:b',
  'postgres://a:@',
  'postgres://@@@@@@@@',
  'ghp_',
  'ghp_aaaaaaaaaaaaaaa-',
  'sk-aaaaaaaaaaaaaaaaaaa.',
  'xoxb-',
  '4111 1111 1111 ',
  '4111-',
  '411111111111111',
  "password '",
  "identified by '",
  'basic aaaaaaaa',
  ' -u a:',
  '%5Btoken%5D',
  "secret: 'a' +\n",
  '\\"token\\":\\"',
  '\\\\\\"token\\\\\\":\\\\\\"',
  'password=a,b;c&d|e(f)',
  'password=,,,,,,,,',
]

test.each(UNITS)('%j again and again', (unit) => {
  const times = [32, 256].map((kilobytes) => {
    const text = unit.repeat((kilobytes * 1024) / unit.length)
    return Math.min(...[1, 2, 3].map(() => processorMillis(() => hide(text))))
  }) as [number, number]
  // Eight times the text: linear is eight times the time. What restarts at each unit takes seconds for 256 KB.
  expect(times[1]).toBeLessThan(Math.max(150, times[0] * 24))
})

function processorMillis(run: () => unknown): number {
  const before = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
