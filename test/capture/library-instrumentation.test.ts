/** A library's hook is opened by the library's first use, and not before; it stands as its status says. */
import { channel } from 'node:diagnostics_channel'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { libraryInstrumentation, type Library, type LibraryHook } from '../../src/capture/library-instrumentation.ts'
import { runChild } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-library-'))
const load = createRequire(join(root, 'app.cjs'))
const CHANNEL = 'tracing:library-under-test:start'
const said = vi.hoisted((): string[] => [])
vi.mock(import('../../src/diag/events.ts'), async (original) => ({
  ...(await original()),
  sayOnce: (_, text) => said.push(text) > 0,
}))

function addPackage(name: string): string {
  const folder = join(root, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '3.2.1' }))
  writeFileSync(join(folder, 'index.js'), 'exports.value = 1')
  return name
}

beforeEach(() => void (said.length = 0))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Enabled; with how often it was opened. */
function enabled(library: Omit<Library, 'open'>, hook: LibraryHook) {
  const open = vi.fn<() => LibraryHook>(() => hook)
  const instrumentation = libraryInstrumentation({ ...library, open })
  instrumentation.enable()
  return { instrumentation, open }
}

describe('files', () => {
  test('the hook is opened by the first file and given each, and undone by disable', () => {
    const undo = vi.fn<() => void>()
    const onFile = vi.fn<NonNullable<LibraryHook['onFile']>>(() => undo)
    const files = ['one-lib', 'two-lib'].map((name) => ({ package: addPackage(name), role: name }))
    const { instrumentation, open } = enabled({ name: 'lib', files }, { onFile })
    expect([instrumentation.status(), open.mock.calls.length]).toEqual(['waiting', 0])
    load('one-lib')
    load('two-lib')
    expect([instrumentation.status(), open.mock.calls.length]).toEqual(['active', 1])
    expect(onFile.mock.calls).toMatchObject([
      [{ file: files[0], exports: { value: 1 }, version: '3.2.1' }],
      [{ file: files[1], exports: { value: 1 }, version: '3.2.1' }],
    ])
    instrumentation.disable()
    instrumentation.disable()
    expect([instrumentation.status(), undo.mock.calls.length]).toEqual(['off', 2])
  })

  test('one in which there is nothing to hook leaves it waiting', () => {
    const { instrumentation } = enabled(
      { name: 'lib', files: [{ package: addPackage('other-lib') }] },
      { onFile: () => undefined },
    )
    load('other-lib')
    expect(instrumentation.status()).toBe('waiting')
    instrumentation.disable()
  })

  test('one that cannot be hooked is said with its version', () => {
    const { instrumentation } = enabled(
      { name: 'bad', files: [{ package: addPackage('bad-lib') }] },
      {
        onFile: () => {
          throw new Error('no Client in it')
        },
      },
    )
    load('bad-lib')
    expect(instrumentation.status()).toBe('failed')
    expect(said).toEqual(['could not attach to bad 3.2.1: Error: no Client in it; it is not captured'])
    instrumentation.disable()
  })

  test('nothing is opened when it is off again before the library is loaded', () => {
    const { instrumentation, open } = enabled({ name: 'lib', files: [{ package: addPackage('late-lib') }] }, {})
    instrumentation.disable()
    load('late-lib')
    expect(open).not.toHaveBeenCalled()
  })
})

describe('channels', () => {
  test('the first message opens the hook and is heard, as all that follow', () => {
    const heard = vi.fn<(message: unknown) => void>()
    const { instrumentation, open } = enabled({ name: 'lib', channels: [CHANNEL] }, { channels: { [CHANNEL]: heard } })
    expect(open).not.toHaveBeenCalled()
    channel(CHANNEL).publish('first')
    channel(CHANNEL).publish('second')
    expect([instrumentation.status(), open.mock.calls.length]).toEqual(['active', 1])
    expect(heard.mock.calls).toEqual([['first'], ['second']])
    instrumentation.disable()
    expect(channel(CHANNEL).hasSubscribers).toBe(false)
  })

  test('a hook that cannot be opened is said once, and no publisher sees it', () => {
    const instrumentation = libraryInstrumentation({
      name: 'broken',
      channels: [CHANNEL],
      open: () => {
        throw new Error('no chunk')
      },
    })
    instrumentation.enable()
    channel(CHANNEL).publish('first')
    channel(CHANNEL).publish('second')
    expect(instrumentation.status()).toBe('failed')
    expect(said).toEqual(['could not attach to broken: Error: no chunk; it is not captured'])
    instrumentation.disable()
  })
})

test('a copy handed over by hand is hooked without being enabled, and let go twice without harm', () => {
  const undo = vi.fn<() => void>()
  const attach = vi.fn<(copy: unknown) => () => void>(() => undo)
  const instrumentation = libraryInstrumentation({ name: 'lib', open: () => ({ attach }) })
  const detach = instrumentation.attach?.('the copy')
  expect([instrumentation.status(), attach.mock.calls]).toEqual(['active', [['the copy']]])
  detach?.()
  detach?.()
  expect(undo).toHaveBeenCalledTimes(1)
})

describe('in a process', () => {
  const run = async (env: Record<string, string>) => {
    const { stdout } = await runChild(libraryProgram('compiled-chunks.cjs', 'newest'), { args: ['express'], env })
    return JSON.parse(stdout) as unknown
  }

  test('the code of a library is compiled when the application loads it', async () => {
    expect(await run({})).toEqual({
      before: { compiled: [], status: 'waiting' },
      after: { compiled: ['engine-frameworks.cjs'], status: 'active' },
    })
  })

  test('and never for a library that is switched off', async () => {
    expect(await run({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'express' })).toEqual({
      before: { compiled: [] },
      after: { compiled: [] },
    })
  })
})
