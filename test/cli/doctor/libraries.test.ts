/** What `tracelog doctor` says of the libraries that the application of a folder would load. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Check } from '../../../src/cli/doctor/check.ts'
import { checkLibraries, findLibraries } from '../../../src/cli/doctor/libraries.ts'
import { libraryVersion, type LibrarySet } from '../../support/libraries.ts'

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracelog-libraries-'))
})
afterEach(() => rmSync(project, { recursive: true }))

/** A package.json at a path of the project. */
function write(path: string, manifest: object): void {
  const file = join(project, path, 'package.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(manifest))
}

function install(path: string, version: string, more: object = {}): void {
  write(join('node_modules', path), { version, ...more })
}

function checksOf(folder: string): Check[] {
  return checkLibraries(folder, findLibraries(folder))
}

function told(folder = project): string[] {
  return checksOf(folder).map(({ status, message }) => `${status} ${message}`)
}

const ESM_ONLY = { type: 'module', exports: './index.js' }

describe('a copy', () => {
  test.each<{ name: string; version: string; more?: object; says: string }>([
    { name: 'pino', version: '10.4.0', says: 'ok pino 10.4.0: heard' },
    { name: 'pino', version: '8.0.0', says: 'ok pino 8.0.0: heard' },
    { name: 'pino', version: '7.11.0', says: 'warn pino 7.11.0: too old, 8.0.0 is needed: its lines do not arrive' },
    { name: 'bunyan', version: '1.8.15', says: 'ok bunyan 1.8.15: heard' },
    {
      name: 'winston',
      version: '2.4.7',
      says: 'warn winston 2.4.7: too old, 3.0.0 is needed: its lines do not arrive',
    },
    { name: 'kafkajs', version: '2.2.4', says: 'ok kafkajs 2.2.4: hop' },
    { name: 'express', version: '5.3.0', says: 'ok express 5.3.0: route' },
    { name: 'lru-cache', version: '11.5.3', says: 'ok lru-cache 11.5.3: counted' },
    { name: 'http-proxy', version: '1.18.1', says: 'ok http-proxy 1.18.1: balancer' },
    { name: 'mysql2', version: '3.20.0', says: 'ok mysql2 3.20.0: hop' },
    {
      name: 'mysql2',
      version: '3.16.3',
      says: 'warn mysql2 3.16.3: too old, 3.20.0 is needed: it publishes nothing, and its calls make no spans',
    },
    { name: '@grpc/grpc-js', version: '1.8.0', says: 'ok @grpc/grpc-js 1.8.0: hop' },
    {
      name: '@grpc/grpc-js',
      version: '1.7.3',
      says: 'warn @grpc/grpc-js 1.7.3: too old, 1.8.0 is needed: its clients make no spans and send no trace; its servers do',
    },
    {
      name: 'winston',
      version: '4.0.0',
      says: 'note winston 4.0.0: not tried with this version, 3.19.0 is the newest that was',
    },
    {
      name: 'pg',
      version: '7.18.2',
      says: 'note pg 7.18.2: not tried with this version, 8.0.3 is the oldest that was',
    },
    {
      name: 'lru-cache',
      version: '5.1.1',
      says: 'note lru-cache 5.1.1: not tried with this version, 11.5.3 is the oldest that was',
    },
    {
      name: 'winston',
      version: '3.30.0',
      more: ESM_ONLY,
      says: 'warn winston 3.30.0: it has ES modules only, which cannot be hooked: nothing of it is captured',
    },
    {
      name: 'winston',
      version: '3.30.0',
      more: { ...ESM_ONLY, main: 'x.cjs', exports: undefined },
      says: 'ok winston 3.30.0: heard',
    },
    {
      name: 'winston',
      version: '3.30.0',
      more: { type: 'module', exports: { '.': { import: './index.js', require: './cjs/index.js' } } },
      says: 'ok winston 3.30.0: heard',
    },
    { name: 'pino', version: '10.5.0', more: ESM_ONLY, says: 'ok pino 10.5.0: heard' },
    { name: 'httpxy', version: '0.5.6', more: { exports: './dist/index.mjs' }, says: 'ok httpxy 0.5.6: balancer' },
    {
      name: '@nestjs/core',
      version: '12.5.1',
      more: ESM_ONLY,
      says:
        'note @nestjs/core 12.5.1: it has ES modules only, which cannot be hooked: ' +
        'routes are named by express and fastify below it, errors of its handlers are not told',
    },
  ])('$name $version: $says', ({ name, version, more, says }) => {
    install(name, version, more)
    const place = says.startsWith('ok') ? '' : ` (node_modules/${name})`
    expect(told()).toEqual([`${says}${place}`])
  })

  test('that is too old comes with what to install', () => {
    install('mysql2', '3.16.3')
    expect(checksOf(project)).toMatchObject([{ name: 'mysql2', hint: 'Install mysql2 3.20.0 or newer.' }])
  })

  test('of several is told with its folder', () => {
    install('pino', '10.4.0')
    install('a/node_modules/pino', '9.14.0')
    expect(told()).toEqual([
      'ok pino 9.14.0: heard (node_modules/a/node_modules/pino)',
      'ok pino 10.4.0: heard (node_modules/pino)',
    ])
  })
})

test('nothing is said where none of them is installed', () => {
  install('left-pad', '1.3.0')
  expect(told()).toEqual([])
})

describe('with a package.json, what the application would load', () => {
  test('is found along its dependencies, nested and hoisted; the rest of node_modules is not its own', () => {
    write('', { dependencies: { api: '*' }, devDependencies: { bunyan: '*', webpack: '*' } })
    install('api', '1.0.0', { dependencies: { pino: '*', deep: '*', missing: '*' }, peerDependencies: { pg: '*' } })
    install('api/node_modules/pino', '9.14.0')
    install('deep', '1.0.0', { optionalDependencies: { pino: '*' } })
    install('pino', '10.4.0')
    install('pg', '8.23.1')
    // Its own tool is told, what a tool brings along and what nothing asks for is not.
    install('bunyan', '2.0.5')
    install('webpack', '5.0.0', { dependencies: { 'lru-cache': '*' } })
    install('lru-cache', '5.1.1')
    install('winston', '2.4.7')
    expect(told()).toEqual([
      'ok bunyan 2.0.5: heard',
      'ok pg 8.23.1: hop',
      'ok pino 9.14.0: heard (node_modules/api/node_modules/pino)',
      'ok pino 10.4.0: heard (node_modules/pino)',
    ])
  })

  test('is found above the folder, in the layout of pnpm, and in a circle, each once', () => {
    write('packages/app', { dependencies: { a: '*', pino: '*' } })
    install('.pnpm/a@1.0.0/node_modules/a', '1.0.0', { dependencies: { b: '*' } })
    install('.pnpm/b@1.0.0/node_modules/b', '1.0.0', { dependencies: { a: '*', kafkajs: '*' } })
    install('.pnpm/kafkajs@2.2.4/node_modules/kafkajs', '2.2.4')
    install('pino', '10.4.0')
    const store = join(project, 'node_modules/.pnpm')
    symlinkSync(join(store, 'a@1.0.0/node_modules/a'), join(project, 'node_modules/a'))
    symlinkSync(join(store, 'b@1.0.0/node_modules/b'), join(store, 'a@1.0.0/node_modules/b'))
    symlinkSync(join(store, 'a@1.0.0/node_modules/a'), join(store, 'b@1.0.0/node_modules/a'))
    symlinkSync(join(store, 'kafkajs@2.2.4/node_modules/kafkajs'), join(store, 'b@1.0.0/node_modules/kafkajs'))
    mkdirSync(join(project, 'packages/app/src'))
    expect(told(join(project, 'packages/app/src'))).toEqual(['ok kafkajs 2.2.4: hop', 'ok pino 10.4.0: heard'])
  })

  test.each([
    ['workspaces', { workspaces: ['packages/*'] }],
    ['dependencies that are no list', { dependencies: 'pino', workspaces: [] }],
  ])('is all that is installed, where it is that of %s', (_, manifest) => {
    write('', manifest)
    install('pino', '10.4.0')
    expect(told()).toEqual(['ok pino 10.4.0: heard'])
  })

  test.each(['{', '[]', 'null', '{"dependencies":{"../..":"*","pino":7}}'])(
    'is nothing worse where it says %s',
    (text) => {
      writeFileSync(join(project, 'package.json'), text)
      install('pino', '10.4.0')
      expect(() => told()).not.toThrow()
    },
  )
})

test.each<LibrarySet>(['oldest', 'newest'])('of the %s libraries of the tests each says what it is', (set) => {
  const folder = fileURLToPath(new URL(`../../libraries/${set}`, import.meta.url))
  const checks = checksOf(folder).filter(({ name }) => libraryVersion(name, set) !== undefined)
  const notOk = checks
    .filter(({ status }) => status !== 'ok')
    .map(({ name, message }) => `${name} ${message.split(/[:,]/)[1]}`)
  expect(checks.length).toBeGreaterThan(10)
  expect(notOk).toEqual(set === 'oldest' ? [] : ['@nestjs/core  it has ES modules only'])
})
