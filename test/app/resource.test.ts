import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { createConfigFiles } from '../../src/app/config-files.ts'
import { createResource, serviceNameOf } from '../../src/app/resource.ts'
import { readAppConfig } from '../../src/config/app-config.ts'

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tracelog-resource-')))
  mkdirSync(join(folder, 'src/deep'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

function resourceOf(entry: string, env: Record<string, string> = {}) {
  return createResource({ config: readAppConfig(env).config, entry: join(folder, entry), version: '1.2.3' })
}

test('the name comes from the nearest package.json that has one', () => {
  writeFileSync(join(folder, 'package.json'), '{"name":"shop"}')
  writeFileSync(join(folder, 'src/package.json'), '{"type":"module"}')
  expect(serviceNameOf(resourceOf('src/deep/app.js'))).toBe('shop')
})

test('a link is followed to where the program is', () => {
  writeFileSync(join(folder, 'src/package.json'), '{"name":"linked"}')
  writeFileSync(join(folder, 'src/app.js'), '')
  symlinkSync(join(folder, 'src/app.js'), join(folder, 'link'))
  expect(serviceNameOf(resourceOf('link'))).toBe('linked')
})

test('a package.json that cannot be read is passed by', () => {
  writeFileSync(join(folder, 'src/package.json'), '{ not json')
  writeFileSync(join(folder, 'package.json'), '{"name":"outer"}')
  expect(serviceNameOf(resourceOf('src/app.js'))).toBe('outer')
})

describe("of a program in node_modules the name is the application's", () => {
  const PROGRAM = 'node_modules/next/dist/bin/next'
  beforeEach(() => {
    mkdirSync(join(folder, 'node_modules/next/dist/bin'), { recursive: true })
    mkdirSync(join(folder, 'node_modules/.bin'))
    writeFileSync(join(folder, 'node_modules/next/package.json'), '{"name":"next"}')
    writeFileSync(join(folder, PROGRAM), '')
    symlinkSync(join(folder, PROGRAM), join(folder, 'node_modules/.bin/next'))
  })
  const nameIn = (cwd: string, env: Record<string, string> = {}, entry = 'node_modules/.bin/next'): string => {
    const spy = vi.spyOn(process, 'cwd').mockReturnValue(join(folder, cwd))
    try {
      return serviceNameOf(resourceOf(entry, env))
    } finally {
      spy.mockRestore()
    }
  }

  test('by where it was started', () => {
    writeFileSync(join(folder, 'package.json'), '{"name":"root"}')
    writeFileSync(join(folder, 'src/package.json'), '{"name":"shop"}')
    expect(nameIn('src/deep', { npm_package_name: 'script' })).toBe('shop')
  })

  test('by the script of npm that started it, where it was started in no package', () => {
    expect(nameIn('src', { npm_package_name: 'script' })).toBe('script')
  })

  test('by where it is installed', () => {
    writeFileSync(join(folder, 'package.json'), '{"name":"shop"}')
    expect(nameIn('..')).toBe('shop')
  })

  test('and else its own', () => {
    expect(nameIn('..')).toBe('next')
  })

  test.each([
    (script: string) => ({ pm_exec_path: script }),
    (script: string) => ({ pm2_env: JSON.stringify({ pm_exec_path: script, name: 'x' }) }),
  ])('by the script that pm2 runs (%#)', (envOf) => {
    writeFileSync(join(folder, 'package.json'), '{"name":"root"}')
    writeFileSync(join(folder, 'src/package.json'), '{"name":"shop"}')
    expect(nameIn('.', envOf(join(folder, 'src/app.js')))).toBe('shop')
  })

  test('while a program of the application has its own, whoever started it', () => {
    writeFileSync(join(folder, 'src/package.json'), '{"name":"shop"}')
    expect(nameIn('..', { npm_package_name: 'script' }, 'src/app.js')).toBe('shop')
  })
})

test('a working directory that was removed has none, and stops nobody', () => {
  vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: no such file or directory, uv_cwd')
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const { config } = readAppConfig({})
  expect(serviceNameOf(createResource({ config, entry: undefined, version: '1' }))).toBe('unknown_service:node')
  expect(createConfigFiles().read().problems).toEqual([])
})

test('without any it is unknown', () => {
  expect(serviceNameOf(resourceOf('src/app.js'))).toBe('unknown_service:node')
})

test('OTEL_SERVICE_NAME wins over OTEL_RESOURCE_ATTRIBUTES, and that over package.json', () => {
  writeFileSync(join(folder, 'package.json'), '{"name":"shop"}')
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=attributes' }
  expect(serviceNameOf(resourceOf('app.js', attributes))).toBe('attributes')
  expect(serviceNameOf(resourceOf('app.js', { ...attributes, OTEL_SERVICE_NAME: 'named' }))).toBe('named')
})

test('OTEL_NODE_RESOURCE_DETECTORS leaves out what is not wanted', () => {
  const keys = Object.keys(resourceOf('app.js', { OTEL_NODE_RESOURCE_DETECTORS: 'none' }).attributes)
  expect(keys.toSorted()).toEqual([
    'service.name',
    'telemetry.distro.name',
    'telemetry.distro.version',
    'telemetry.sdk.language',
    'telemetry.sdk.name',
    'telemetry.sdk.version',
  ])
})
