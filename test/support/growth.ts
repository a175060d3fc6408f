/**
 * Does the time of a parser grow no faster than its input? For texts of 1, 2, 4 ... 64 KB, of each shape that makes a
 * regular expression start again and again.
 *
 * A machine that is busy is slow, not red: the processor time of the shortest of several runs counts, one below
 * `FLOOR_MILLIS` is fast whatever its ratio, and a ratio may be three times what linear growth gives.
 */

const KILOBYTES = [1, 2, 4, 8, 16, 32, 64]
/** 64 KB in so little time cannot be quadratic: 4,000,000,000 steps take seconds. */
const FLOOR_MILLIS = 20
/** Eight times the size may take so many times as long. */
const MAX_RATIO = 24
const RUNS = 3
/** No further size is tried above this. */
const GIVE_UP_MILLIS = 150

/** What is repeated. Each of them breaks another kind of expression. */
const UNITS: readonly string[] = [
  ...Array.from(' \t,;=:&?/.-_"\\\'%@*+<([{a0Z\n'),
  ', ',
  '; ',
  '" ',
  '\\"',
  '",',
  '="',
  'a=',
  'a=1,',
  'a=1;',
  '; hit',
  'trace;desc=',
  '/v1/',
  ' at ',
  'eyJ',
  'eyJ.',
  'key=',
  'token="',
  '"token":"',
  '"token":"\\"',
  'password=a:',
  'Cookie: a=b; ',
  'Bearer ',
  'basic ',
  'authorization: ',
  '://a:',
  'a:b@',
  '-----BEGIN A-----',
  '4111 ',
  '{"a":',
  "password: '",
  'password=',
  'password = "',
  "'token': '",
  '\\"token\\":\\"',
  '--password ',
  "[ 'cookie', '",
  'X-Api-Key: a\n',
  'user[password]=',
  'userPassword',
  'a_',
  'aB',
  'a[',
  'ghp_',
  'xoxb-',
  'postgres://a:b/',
  '\\u0041',
  'ä',
  '😀',
]

/** What stands around the repeated part: a match that fails at the very end is the slowest. */
export interface Frame {
  readonly before?: string
  readonly after?: string
}

/** @returns the shapes that grow faster than their size, as text; `[]` when there are none */
export function fasterThanSize(
  parse: (text: string) => unknown,
  frames: readonly Frame[] = [{}, { before: 'a=b', after: 'x' }],
): string[] {
  return frames.flatMap(({ before = '', after = '' }) =>
    UNITS.flatMap((unit) => {
      const textOf = (kilobytes: number) => before + unit.repeat((kilobytes * 1_024) / unit.length) + after
      const millis = faster(parse, textOf) && faster(parse, textOf) && faster(parse, textOf)
      return millis === undefined ? [] : [`${before}${JSON.stringify(unit)}...${after}: ${millis}`]
    }),
  )
}

/** Times by size when they grow too fast, `undefined` when they do not. */
function faster(parse: (text: string) => unknown, textOf: (kilobytes: number) => string): string | undefined {
  const millis: number[] = []
  for (const kilobytes of KILOBYTES) {
    millis.push(shortest(parse, textOf(kilobytes)))
    if ((millis.at(-1) ?? 0) > GIVE_UP_MILLIS) break
  }
  const grows = millis.some((taken, at) => taken > Math.max(FLOOR_MILLIS, MAX_RATIO * (millis[at - 3] ?? 0)))
  return grows ? millis.map((taken, at) => `${KILOBYTES[at]} KB ${taken.toFixed(1)} ms`).join(', ') : undefined
}

function shortest(parse: (text: string) => unknown, text: string): number {
  let least = Infinity
  for (let run = 0; run < RUNS && least > FLOOR_MILLIS; run += 1) {
    if (run > 0 && least > GIVE_UP_MILLIS) break
    const started = processorMillis()
    try {
      parse(text)
    } catch {
      // Refused is an answer too; how long it took is the question.
    }
    least = Math.min(least, processorMillis() - started)
  }
  return least
}

/** Of this thread alone: what else runs on the machine does not count. */
function processorMillis(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
