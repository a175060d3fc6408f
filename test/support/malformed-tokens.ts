/**
 * Two hundred tokens of tasks that are none: what is cut off, doubled, put in or exchanged on the way, and what was never one.
 */
import { TASK_HEADER } from '../../src/model/task-path.ts'

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
export const TOKEN = `${TRACEPARENT};3/2`

const PATHS = [
  '/',
  '//',
  '3/',
  '/3',
  '3//2',
  '3.2',
  '3/2.',
  '3;2',
  '3/2;',
  ';3/2',
  '-1',
  '+3',
  '3/-2',
  '3/ 2',
  '3 /2',
  '3,2',
  'a',
  '3/a',
  '0x3',
  '3e2',
  '٣/٢',
  '３/２',
  '3/2\n',
  '3\n/2',
  '\u00003',
  '3/2\u0000',
  '1234567890',
  '3/1234567890',
  'null',
  'undefined',
  'NaN',
  '../3',
  '3/..',
  '%33',
  '3%2F2',
  '[3,2]',
  '{"3":2}',
  '3\\2',
  '3|2',
  '3/2 4/5',
  '3/2/',
  '3/2?x',
  '3/2#x',
  '3/2=',
  '%',
  '*',
  '$1',
  '3-2',
  '3:2',
  '3/b7ad6b7169203331',
  '\uD83D3',
  `${'1/'.repeat(128)}1`,
  '9'.repeat(100_000),
  '/'.repeat(100_000),
  '1/'.repeat(100_000),
  ' '.repeat(1_000) + 'x',
]

/** A token cut off after its n-th character; what is left of a whole `traceparent` is one. */
const CUT = Array.from({ length: TRACEPARENT.length - 1 }, (_, at) => TOKEN.slice(0, at + 1))

/** A stranger's character in place of the n-th. */
const SPOILT = Array.from({ length: TRACEPARENT.length }, (_, at) => `${TOKEN.slice(0, at)}g${TOKEN.slice(at + 1)}`)

const WHOLE = [
  `${TRACEPARENT};`,
  `${TOKEN};${TOKEN}`,
  `${TOKEN},${TOKEN}`,
  TOKEN.toUpperCase(),
  `x${TOKEN}`,
  `${TOKEN} x`,
  `ff${TOKEN.slice(2)}`,
  TOKEN.replace('b7ad6b7169203331', '0'.repeat(16)),
  TOKEN.replaceAll('-', '_'),
  '3/2',
  '0',
  'true',
  '{}',
  'null',
  'Bearer x',
  '<token>',
  `"${TOKEN}"`,
  '\u0000',
  '💥',
  ';',
  ';;',
  'x'.repeat(100_000),
]

const TEXTS = [...CUT, ...SPOILT, ...PATHS.map((path) => `${TRACEPARENT};${path}`), ...WHOLE]

const CARRIERS: readonly unknown[] = [
  { [TASK_HEADER]: '3/2' },
  { traceparent: TOKEN },
  { traceparent: 'x', [TASK_HEADER]: '3/2' },
  { traceparent: TRACEPARENT, [TASK_HEADER]: '3.2' },
  { traceparent: TRACEPARENT, [TASK_HEADER]: 3 },
  { traceparent: TRACEPARENT, [TASK_HEADER]: ['3', '2'] },
  { traceparent: TRACEPARENT, TRACEPARENT: TRACEPARENT.replace('b7', 'c7') },
  { traceparent: [TRACEPARENT, TRACEPARENT] },
  { traceparent: { StringValue: TRACEPARENT } },
  { TRACEPARENT: `${TRACEPARENT}, ${TRACEPARENT}`, TRACELOG_TASK: '3' },
  { traceparent: new Uint8Array(1_000_000) },
  { traceparent: new Uint8Array([0xff, 0xfe]) },
]

const NO_CARRIERS: readonly unknown[] = [0, 1n, true, Symbol('token'), () => TOKEN, [TOKEN], [], Number.NaN]

export const MALFORMED_TOKENS: readonly unknown[] = [...TEXTS, ...CARRIERS, ...NO_CARRIERS]
