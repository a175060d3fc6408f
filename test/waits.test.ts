/**
 * What a test waits for comes late on a machine that is slow or busy: no wait for a condition has a deadline below 10 s, so that a
 * slow machine is slow and not red. Found in the sources, so that a new one is seen; `expect.poll` has its default in the config.
 */
import { globSync, readFileSync } from 'node:fs'

import { parseSync, Visitor, type Argument, type CallExpression } from 'oxc-parser'
import { expect, test } from 'vitest'

const ROOT = new URL('.', import.meta.url).pathname
const LEAST_MILLIS = 10_000
/** Without a deadline these wait for a second. */
const NEED_ONE = /^vi\.(?:waitFor|waitUntil)$/
const HAVE_DEFAULT = /^expect\.poll$/

/** `undefined`: not said in place. */
function deadlineOf(options: Argument | undefined): number | undefined {
  if (options?.type === 'Literal') return Number(options.value)
  if (options?.type !== 'ObjectExpression') return undefined
  const timeout = options.properties.find(
    (property) => property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === 'timeout',
  )
  return timeout?.type === 'Property' && timeout.value.type === 'Literal' ? Number(timeout.value.value) : undefined
}

function isShort({ arguments: [, options] }: CallExpression, callee: string): boolean {
  if (options === undefined) return NEED_ONE.test(callee)
  return (deadlineOf(options) ?? LEAST_MILLIS) < LEAST_MILLIS
}

function shortWaits(source: string): readonly string[] {
  if (!/\.(?:waitFor|waitUntil|poll)\(/.test(source)) return []
  const found: string[] = []
  const { program } = parseSync('file.ts', source)
  new Visitor({
    CallExpression(call) {
      const callee = source.slice(call.callee.start, call.callee.end)
      if (!NEED_ONE.test(callee) && !HAVE_DEFAULT.test(callee)) return
      if (isShort(call, callee)) found.push(`${source.slice(0, call.start).split('\n').length}: ${callee}`)
    },
  }).visit(program)
  return found
}

test.each([
  ['vi.waitFor(() => seen())', 1],
  ['vi.waitUntil(() => seen(), 5_000)', 1],
  ['vi.waitUntil(() => seen(), { timeout: 3_000, interval: 1 })', 1],
  ['expect.poll(() => seen(), { timeout: 9_999 }).toBe(1)', 1],
  ['vi.waitFor(() => seen(), 10_000)', 0],
  ['vi.waitUntil(() => seen(), { timeout: 60_000 })', 0],
  ['vi.waitUntil(() => seen(), WAIT)', 0],
  ['expect.poll(() => seen()).toBe(1)', 0],
])('%s: %i found', (source, count) => {
  expect(shortWaits(source)).toHaveLength(count)
})

test('no test waits for less than 10 s', () => {
  const files = globSync('**/*.ts', { cwd: ROOT, exclude: ['**/node_modules/**'] }).filter(
    (file) => !file.endsWith('waits.test.ts'),
  )
  expect(files.length).toBeGreaterThan(300)
  const short = files.flatMap((file) => shortWaits(readFileSync(ROOT + file, 'utf8')).map((wait) => `${file}:${wait}`))
  expect(short).toEqual([])
})
