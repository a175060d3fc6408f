/** The table of what is heard against the versions that the tests run with, and against the instrumentations that there are. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { isOlder } from '../../../src/cli/doctor/installed-package.ts'
import { SUPPORTED_LIBRARIES } from '../../../src/cli/doctor/supported-libraries.ts'
import { libraryVersion } from '../../support/libraries.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What is Node's own and in no package. */
const NODES_OWN = ['child_process', 'console', 'http', 'http2', 'process', 'stdio', 'undici']

test('each package has one row', () => {
  const packages = SUPPORTED_LIBRARIES.map(({ package: name }) => name)
  expect(packages).toEqual([...new Set(packages)])
})

test('each instrumentation of a library has its row, and no row names another', () => {
  const env = { ...process.env, TRACELOG_DEBUG: '1', TRACELOG_CAPTURE_STDIO: 'on', OTEL_LOGS_EXPORTER: 'none' }
  const { stderr } = spawnSync(process.execPath, ['--import', `${root}dist/register.cjs`, '-e', ''], {
    env,
    encoding: 'utf8',
  })
  const line = stderr.split('\n').find((each) => each.includes('"instrumentations"')) ?? '{}'
  const { instrumentations } = JSON.parse(line.slice(line.indexOf('{'))) as { instrumentations: object }
  const hooked = Object.keys(instrumentations).filter((name) => !NODES_OWN.includes(name))
  const named = SUPPORTED_LIBRARIES.flatMap(({ instrumentation }) => instrumentation ?? [])
  expect([...new Set(named)].toSorted()).toEqual(hooked.toSorted())
})

test.each(SUPPORTED_LIBRARIES)('the newest $package of the tests is $tried', ({ package: name, tried }) => {
  expect(versionIn('test/libraries/newest/', name) ?? versionIn('', name)).toBe(tried)
})

const WITH_OLDEST = SUPPORTED_LIBRARIES.flatMap((library) => {
  const oldest = libraryVersion(library.package, 'oldest')
  return oldest === undefined || library.from === undefined ? [] : [{ ...library, oldest, from: library.from }]
})

test.each(WITH_OLDEST)('the oldest $package of the tests is the oldest supported one', (library) => {
  const { oldest, from, older, publishesFrom } = library
  // Of one that publishes the tests also run a version that is too old, and see that nothing comes of it.
  const isTooOld = older !== undefined && isOlder(oldest, from)
  expect(isTooOld ? publishesFrom : oldest).toBe(from)
})

function versionIn(folder: string, name: string): string | undefined {
  try {
    const text = readFileSync(`${root}${folder}node_modules/${name}/package.json`, 'utf8')
    return (JSON.parse(text) as { version: string }).version
  } catch {
    return undefined
  }
}
