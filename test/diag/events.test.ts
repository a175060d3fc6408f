import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

const EVENTS = fileURLToPath(new URL('../../dist/diag/events.js', import.meta.url))

/** What a program says that calls `say` and `sayOnce` of the built module. */
function said(code: string): string {
  const program = `import { say, sayOnce } from ${JSON.stringify(EVENTS)}\n${code}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(stdout).toBe('')
  return stderr
}

test('a line begins with our name, on stderr', () => {
  expect(said("say('a', 'hello')")).toBe('tracelog: hello\n')
})

test('the same kind is silent for ten seconds', () => {
  const code = "say('a', 'first', 0); say('b', 'other', 1); say('a', 'too soon', 9999); say('a', 'late enough', 10000)"
  expect(said(code)).toBe('tracelog: first\ntracelog: other\ntracelog: late enough\n')
})

test('what is said once is never said again', () => {
  expect(said("sayOnce('a', 'once'); sayOnce('a', 'twice')")).toBe('tracelog: once\n')
})
