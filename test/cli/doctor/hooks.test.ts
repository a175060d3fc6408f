/** Which libraries `tracelog doctor` sees hooked when a program loads them in the folder of the application. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Check } from '../../../src/cli/doctor/check.ts'
import { checkHooks } from '../../../src/cli/doctor/hooks.ts'
import { findLibraries } from '../../../src/cli/doctor/libraries.ts'
import type { LibrarySet } from '../../support/libraries.ts'

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracelog-hooks-'))
})
afterEach(() => rmSync(project, { recursive: true }))

/** A package whose main file, `lib/<name>.js`, is `code`. */
function install(name: string, version: string, code: string): void {
  const folder = join(project, 'node_modules', name)
  mkdirSync(join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, main: `lib/${name}.js` }))
  writeFileSync(join(folder, `lib/${name}.js`), code)
}

function hooksIn(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Check[]> {
  return checkHooks({ cwd, env: { PATH: process.env['PATH'] ?? '', ...env } }, findLibraries(cwd))
}

const BUNYAN_OF_ANOTHER_SHAPE = 'module.exports = { createLogger() {} }'

test.each<LibrarySet>(['oldest', 'newest'])('all of the %s libraries of the tests are that can be', async (set) => {
  const folder = fileURLToPath(new URL(`../../libraries/${set}`, import.meta.url))
  const hookable = findLibraries(folder).filter(
    (each) => each.mayBeHooked && each.library.instrumentation !== undefined,
  )
  const names = [...new Set(hookable.map(({ copy }) => copy.name))]
  expect(names.length).toBeGreaterThan(15)
  expect(await hooksIn(folder)).toEqual([
    { name: 'hooks', status: 'ok', message: `loaded under the preload, and hooked: ${names.join(', ')}` },
  ])
})

test('what could not be hooked is told with the reason that the preload gives', async () => {
  install('bunyan', '3.0.0', BUNYAN_OF_ANOTHER_SHAPE)
  expect(await hooksIn(project)).toEqual([
    {
      name: 'hooks',
      status: 'warn',
      message: 'loaded under the preload, but not hooked: bunyan',
      hint: expect.stringContaining('could not attach to bunyan 3.0.0: ') as string,
    },
  ])
})

test('what has none of the files that are hooked is told', async () => {
  install('kafkajs', '2.9.0', '')
  expect(await hooksIn(project)).toEqual([
    { name: 'hooks', status: 'warn', message: 'loaded under the preload, but not hooked: kafkajs' },
  ])
})

test.each([
  ['is switched off', '', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs' }, 'switched off here: kafkajs'],
  ['throws', 'throw new Error("no broker\\nat all")', {}, 'could not be loaded alone: kafkajs (no broker)'],
  ['ends the process', 'process.exit(3)', {}, 'not tried: a program that loads the libraries ended early'],
])('what %s is noted', async (_, code, env, message) => {
  install('kafkajs', '2.2.4', code)
  expect(await hooksIn(project, env)).toEqual([{ name: 'hooks', status: 'note', message }])
})

test('what NODE_OPTIONS loads before the preload is told', async () => {
  install('bunyan', '2.0.5', BUNYAN_OF_ANOTHER_SHAPE)
  writeFileSync(join(project, 'early.cjs'), "require('bunyan')")
  expect(await hooksIn(project, { NODE_OPTIONS: `--require ${join(project, 'early.cjs')}` })).toContainEqual({
    name: 'hooks',
    status: 'warn',
    message: 'loaded before the preload (NODE_OPTIONS); what is done with them until then is not heard: bunyan',
  })
})

test.each([
  ['where nothing of it is installed', undefined, {}],
  ['where it is known that nothing will be hooked', '1.0.0', {}],
  ['where the preload starts nothing', '2.0.5', { OTEL_SDK_DISABLED: 'true' }],
])('nothing is said %s', async (_, version, env) => {
  if (version !== undefined) install('bunyan', version, BUNYAN_OF_ANOTHER_SHAPE)
  expect(await hooksIn(project, env)).toEqual([])
})
