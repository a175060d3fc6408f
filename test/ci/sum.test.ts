/** What .ci/run prints at its end, over real vitest runs: a red run is never "N passed, 0 failed", and says why. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-ci-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs fixtures with the reporter of .ci/run, as its step `step`. */
function runVitest(step: string, cases: readonly string[]): void {
  const config = join(root, 'test/fixtures/ci/vitest.config.mjs')
  const done = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--config=${config}`,
      '--retry=1',
      `--reporter=${join(root, '.ci/report.mjs')}`,
      ...cases.map((name) => `${name}.case.mjs`),
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, TRACELOG_CI_REPORT: join(folder, `${step}.jsonl`) } },
  )
  writeFileSync(join(folder, `${step}.log`), done.stdout + done.stderr)
}

function sum(...failedSteps: readonly string[]): { code: number | null; said: string; last: string } {
  const script = join(root, '.ci/sum.mjs')
  const done = spawnSync(process.execPath, [script, folder, ...failedSteps], { encoding: 'utf8' })
  const said = done.stdout + done.stderr
  return { code: done.status, said, last: said.trimEnd().split('\n').at(-1)! }
}

test('a green run is its sum, exit 0', () => {
  runVitest('npm test', ['passes'])
  expect(sum()).toMatchObject({ code: 0, last: '2 passed, 0 failed, 0 skipped' })
})

test.each([
  {
    name: 'fails',
    last: '1 passed, 1 failed, 0 skipped',
    why: /fails\.case\.mjs > is not as it should be: .*'wanted'/,
  },
  { name: 'cannot-be-collected', last: '0 passed, 1 failed, 0 skipped', why: /this file cannot be collected/ },
  { name: 'before-all', last: '0 passed, 1 failed, 0 skipped', why: /2 tests not run\): .*the server did not start/ },
  { name: 'rejects', last: '1 passed, 1 failed, 0 skipped', why: /outside of a test: .*nobody handles this/ },
])('a file that $name is counted as failed, with its cause', ({ name, last, why }) => {
  runVitest('npm test', [name])
  const summed = sum('npm test')
  expect(summed).toMatchObject({ code: 1, last })
  expect(summed.said).toMatch(why)
})

test('a worker that crashed is counted as failed, by the name of its file', () => {
  runVitest('npm test', ['aborts', 'passes'])
  const { code, said, last } = sum('npm test')
  expect(code).toBe(1)
  expect(said).toContain('aborts.case.mjs')
  expect(last).toMatch(/^2 passed, [1-9]\d* failed, 0 skipped$/)
})

test('what passes only at the second try is passed, and named', () => {
  runVitest('npm test', ['passes-later', 'passes'])
  const { code, said, last } = sum()
  expect({ code, last }).toEqual({ code: 0, last: '3 passed, 0 failed, 0 skipped' })
  expect(said).toContain(
    'ci: passed at the second try: test/fixtures/ci/passes-later.case.mjs > passes when it is tried again',
  )
})

test('skips are red, and each is named with its reason', () => {
  runVitest('npm test', ['skips'])
  const { code, said, last } = sum()
  expect({ code, last }).toEqual({ code: 1, last: '1 passed, 0 failed, 2 skipped' })
  expect(said).toContain('needs frobnicate; to get it: apt-get install frobnicate')
  expect(said).toContain('finds out late: no such server here')
})

test('a step that failed without a failed test counts, with the end of its log', () => {
  runVitest('npm test', ['passes'])
  writeFileSync(join(folder, 'npm run check.log'), `${'x'.repeat(20_000)}\nsrc/a.ts: unused export`)
  const { code, said, last } = sum('npm run check')
  expect({ code, last }).toEqual({ code: 1, last: '2 passed, 1 failed, 0 skipped' })
  expect(said).toContain('src/a.ts: unused export')
  expect(said.length).toBeLessThan(2_500)
})

test('a failure in a repeated run counts, its passed tests do not', () => {
  runVitest('npm test', ['passes'])
  runVitest('Node 26', ['passes', 'fails'])
  expect(sum('Node 26')).toMatchObject({ code: 1, last: '2 passed, 1 failed, 0 skipped' })
})

test('a run that was killed says which files never reported', () => {
  const report = [
    { start: ['test/a.test.ts', 'test/hangs.test.ts'] },
    { module: 'test/a.test.ts', isOk: true, state: 'passed', millis: 5, passed: 7, failed: [], skipped: [] },
  ].map((line) => JSON.stringify({ brokenSuites: [], unfinished: [], ...line }))
  writeFileSync(join(folder, 'npm test.jsonl'), report.join('\n'))
  writeFileSync(join(folder, 'npm test.log'), 'the newest words')
  const { code, said, last } = sum('npm test')
  expect({ code, last }).toEqual({ code: 1, last: '7 passed, 2 failed, 0 skipped' })
  expect(said).toContain('the newest words')
  expect(said).toContain('test/hangs.test.ts never reported')
})

test('a run without any report is red', () => {
  expect(sum('npm test')).toMatchObject({ code: 1, last: '0 passed, 1 failed, 0 skipped' })
})

test('a flood of failures stays below what CI keeps', () => {
  const failed = Array.from({ length: 200 }, (_, index) => ({ name: `case ${index}`, messages: ['m'.repeat(5_000)] }))
  const module = { module: 'test/a.test.ts', isOk: false, state: 'failed', millis: 5, passed: 1, failed, skipped: [] }
  const lines = [{ start: ['test/a.test.ts'] }, { ...module, brokenSuites: [], unfinished: [] }, { end: 'failed' }]
  writeFileSync(join(folder, 'npm test.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
  const { said, last } = sum('npm test')
  expect(said.length).toBeLessThan(9_000)
  expect(last).toBe('1 passed, 200 failed, 0 skipped')
})
