/**
 * `capture` as users call it, from the packed tarball: the same test file for node:test, vitest and jest.
 *
 * jest loads every library anew for each test file, where nobody can find it from outside: there the logger is handed over.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { installedProject, type Project } from '../support/package.ts'

const SHOP = `
const log = winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Console()] })
async function order(item) {
  log.debug('looking up', { item })
  if (item === 'nothing') throw new Error('no such item')
  log.info('ordered', { item })
  return item.length
}
const server = createServer(async (request, response) => {
  try {
    await order(request.url.slice(1))
    response.end('ok')
  } catch (error) {
    log.error('failed', error)
    response.writeHead(500).end()
  }
})
`
const TESTS = `
test('lines and value', async () => {
  const { records, value } = await capture(() => order('lamp'), { level: 'debug' })
  equal(value, 4)
  equal(records.map(({ level, message }) => [level, message]), [['DEBUG', 'looking up'], ['INFO', 'ordered']])
})
test('a failing request', async () => {
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const url = 'http://127.0.0.1:' + server.address().port + '/nothing'
  const { tree } = await capture(async () => (await fetch(url)).text())
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  equal(tree.outline.split('\\n').slice(0, 3), ['GET 500', '  DEBUG looking up (recovered)', '  ERROR failed'])
})
test('an error', async () => {
  const caught = await capture(() => order('nothing'), { level: 'debug' }).catch((error) => error)
  equal(caught.message, 'no such item')
  equal(capturedOf(caught).records.map(({ message }) => message), ['looking up'])
})
`
const IMPORTS = {
  esm: `import { capture, capturedOf } from '@org/tracelog/testing'\nimport { instrumentWinston } from '@org/tracelog/winston'
import { createServer } from 'node:http'\nimport winston from 'winston'\n`,
  cjs: `const { capture, capturedOf } = require('@org/tracelog/testing')\nconst { instrumentWinston } = require('@org/tracelog/winston')
const { createServer } = require('node:http')\nconst winston = require('winston')\n`,
} as const
const RUNNERS = {
  'node:test': `import { test } from 'node:test'\nimport { deepStrictEqual as equal } from 'node:assert'\n`,
  vitest: `import { expect, test } from 'vitest'\nconst equal = (a, b) => expect(a).toEqual(b)\n`,
  // A global object of its own for each file, as in jest.
  vitestVm: `import { expect, test } from 'vitest'\nconst equal = (a, b) => expect(a).toEqual(b)\ninstrumentWinston(winston)\n`,
  jest: `const equal = (a, b) => expect(a).toEqual(b)\ninstrumentWinston(winston)\n`,
} as const

let project: Project

beforeAll(() => {
  project = installedProject(['winston@3', 'jest@30.5.2'])
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/vitest', import.meta.url)),
    join(project.folder, 'node_modules/vitest'),
  )
  const write = (name: string, runner: keyof typeof RUNNERS, kind: keyof typeof IMPORTS) =>
    writeFileSync(join(project.folder, name), IMPORTS[kind] + RUNNERS[runner] + SHOP + TESTS)
  mkdirSync(join(project.folder, 'jest'))
  write('shop.test.mjs', 'node:test', 'esm')
  write('shop.vitest.test.mjs', 'vitest', 'esm')
  write('vm.vitest.test.mjs', 'vitestVm', 'esm')
  write('jest/one.mjs', 'jest', 'esm')
  write('jest/two.cjs', 'jest', 'cjs')
  const jest = { rootDir: 'jest', testMatch: ['**/*.{mjs,cjs}'], moduleFileExtensions: ['js', 'mjs', 'cjs'] }
  writeFileSync(join(project.folder, 'jest.config.json'), JSON.stringify(jest))
}, 180_000)
afterAll(() => project.remove())

const bin = (name: string) => join('node_modules', name)

test.each([
  { runner: 'node:test', args: ['--test', 'shop.test.mjs'], passed: /^ℹ pass 3$/m },
  {
    runner: 'vitest',
    args: [bin('vitest/vitest.mjs'), 'run', 'shop.vitest'],
    passed: /Tests +3 passed \(3\)/,
  },
  {
    runner: 'vitest in threads',
    args: [bin('vitest/vitest.mjs'), 'run', 'shop.vitest', '--pool', 'threads'],
    passed: /Tests +3 passed \(3\)/,
  },
  {
    runner: 'vitest in vm contexts',
    args: [bin('vitest/vitest.mjs'), 'run', 'vm.vitest', '--pool', 'vmThreads'],
    passed: /Tests +3 passed \(3\)/,
  },
  {
    // Both files in one process, each with a global object of its own.
    runner: 'jest',
    args: ['--experimental-vm-modules', bin('jest/bin/jest.js'), '--runInBand', '--config', 'jest.config.json'],
    passed: /Tests: +6 passed, 6 total/,
  },
])('$runner', ({ args, passed }) => {
  const env = { PATH: process.env['PATH'], HOME: project.folder, NO_COLOR: '1' }
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, env, encoding: 'utf8' })
  expect(`${stdout}\n${stderr}`).toMatch(passed)
  // Nothing was sent, so nobody misses an endpoint.
  expect(stderr).not.toContain('tracelog:')
})
