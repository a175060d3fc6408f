/** Which libraries `tracelog doctor` sees inside of the bundle that an application starts from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { checkBundles } from '../../../src/cli/doctor/bundles.ts'
import { findLibraries } from '../../../src/cli/doctor/libraries.ts'
import type { LibrarySet } from '../../support/libraries.ts'

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracelog-bundles-'))
})
afterEach(() => rmSync(project, { recursive: true }))

function write(path: string, content: string | object): void {
  const file = join(project, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

function told(): string[] {
  return checkBundles(project, findLibraries(project)).map(({ status, message, hint }) =>
    [status, message, ...(hint === undefined ? [] : [hint])].join(' | '),
  )
}

/** What esbuild makes of a program that uses these, beside a set of the tests. */
async function bundle(packages: readonly string[], set: LibrarySet, minify = false): Promise<void> {
  const modules = fileURLToPath(new URL(`../../libraries/${set}/node_modules`, import.meta.url))
  write('src/app.js', packages.map((name) => `console.log(require('${name}'))`).join('\n'))
  await build({
    entryPoints: [join(project, 'src/app.js')],
    outfile: join(project, 'dist/app.js'),
    bundle: true,
    minify,
    platform: 'node',
    nodePaths: [modules],
    external: ['dtrace-provider', 'mv', 'source-map-support', 'safe-json-stringify'],
    logLevel: 'silent',
  })
}

const HAND_OVER = 'or leave it out of the bundle (external).'

test.each([
  ['main', { main: './dist/app.js' }],
  ['the script start', { scripts: { start: 'NODE_ENV=production node --import @org/tracelog/register dist/app.js' } }],
  ['both', { main: 'dist/app.js', scripts: { start: 'node ./dist/app.js' } }],
])("of esbuild's, named by %s, each that would be hooked by its files", async (_, manifest) => {
  write('package.json', manifest)
  await bundle(['winston', 'kafkajs', 'http-proxy'], 'newest')
  expect(told()).toEqual([
    'warn | winston: inside a bundle (dist/app.js), where no copy can be found | ' +
      `Call instrumentWinston(winston) of @org/tracelog/winston, ${HAND_OVER}`,
    'warn | kafkajs: inside a bundle (dist/app.js), where no copy can be found | Leave it out of the bundle (external).',
  ])
})

test.each([
  ['10.4.0', 'ok | pino: inside a bundle (dist/app.js), heard by what it publishes'],
  [
    '8.21.0',
    `warn | pino: inside a bundle (dist/app.js), where no copy before 9.10.0 can be found | Call instrumentPino(pino) of @org/tracelog/pino, ${HAND_OVER}`,
  ],
])('one that publishes what it does is heard: pino %s', async (version, says) => {
  write('package.json', { main: 'dist/app.js', devDependencies: { pino: '*' } })
  write('node_modules/pino/package.json', { version })
  await bundle(['pino'], 'newest')
  expect(told()).toEqual([says])
})

test("of webpack's too, in the layout of pnpm", () => {
  write('package.json', { main: 'main.js' })
  const path = './node_modules/.pnpm/bunyan@1.8.15/node_modules/bunyan/lib/bunyan.js'
  write('main.js', `var __webpack_modules__ = ({ "${path}": ((module) => {}) })`)
  expect(told()).toEqual([
    'warn | bunyan: inside a bundle (main.js), where no copy can be found | ' +
      `Call instrumentBunyan(bunyan) of @org/tracelog/bunyan, ${HAND_OVER}`,
  ])
})

test('nothing is said of a minified one', async () => {
  write('package.json', { main: 'dist/app.js' })
  await bundle(['kafkajs'], 'newest', true)
  expect(told()).toEqual([])
})

test.each<[string, object | undefined]>([
  ['of a program that names the path of a library', { main: 'plain.js' }],
  ['where the file is not there', { main: 'dist/none.js' }],
  ['where it is a folder', { main: 'folder.js' }],
  ['where package.json says nothing of use', { main: 7, scripts: 'start' }],
  ['where there is no package.json', undefined],
])('nothing is said %s', (_, manifest) => {
  if (manifest !== undefined) write('package.json', manifest)
  write('plain.js', "require('./node_modules/winston/lib/winston.js')")
  mkdirSync(join(project, 'folder.js'))
  expect(told()).toEqual([])
})
