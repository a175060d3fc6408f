/** What TRACELOG_DEBUG=1 says of the libraries of a process: at the start what was there before us, at the end what was hooked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'
import { nodeBinary, NODE_VERSIONS } from '../support/nodes.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-libraries-line-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const QUIET = { TRACELOG_DEBUG: '1', OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }

/** A CommonJS program that asks for libraries of the newest set. */
function programOf(
  name: string,
  packages: readonly string[],
  beside = libraryProgram('version.cjs', 'newest'),
): string {
  const file = join(folder, name)
  const asked = packages.map((each) => `load(${JSON.stringify(each)})`).join('\n')
  writeFileSync(file, `const load = require('node:module').createRequire(${JSON.stringify(beside)})\n${asked}\n`)
  return file
}

test.each(NODE_VERSIONS)('Node %s: which were hooked, which were there before the preload', async (version) => {
  const early = programOf('early.cjs', ['bunyan'])
  const ended = await runChild(programOf('app.cjs', ['pino', 'kafkajs', 'graphql', 'pino']), {
    env: QUIET,
    nodeArgs: ['--require', early],
    preload: 'import',
    node: nodeBinary(version),
  })
  const [start = '', ...rest] = ended.stderr.split('\n').filter((line) => line !== '')
  expect(JSON.parse(start.slice('tracelog: '.length))).toMatchObject({ loaded_before: ['bunyan'] })
  expect(rest).toEqual(['tracelog: libraries: hooked pino, kafkajs; loaded before the preload bunyan'])
})

test('which could not be hooked', async () => {
  const library = join(folder, 'node_modules/bunyan')
  mkdirSync(join(library, 'lib'), { recursive: true })
  writeFileSync(join(library, 'package.json'), '{"name":"bunyan","version":"9.0.0","main":"lib/bunyan.js"}')
  writeFileSync(join(library, 'lib/bunyan.js'), 'module.exports = { createLogger() {} }\n')
  const program = programOf('app.cjs', ['bunyan'], join(folder, '_.js'))
  const { stderr } = await runChild(program, { env: QUIET })
  expect(stderr).toMatch(
    /tracelog: could not attach to bunyan 9\.0\.0: .*\ntracelog: libraries: could not be hooked bunyan\n/,
  )
})

test('nothing of a process that loads none', async () => {
  const { stderr } = await runChild(programOf('app.cjs', []), { env: QUIET })
  expect(stderr).not.toContain('libraries:')
})

test('nothing without TRACELOG_DEBUG', async () => {
  const { stderr } = await runChild(programOf('app.cjs', ['pino']), { env: { ...QUIET, TRACELOG_DEBUG: '0' } })
  expect(stderr).toBe('')
})
