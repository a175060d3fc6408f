/**
 * The engine from compiled code, on each Node: like the engine from its text, for whoever looks. And whatever is wrong with the file, the
 * process starts as without it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { codeOf, packCompiled } from '../../src/model/compiled-code.ts'
import { runChild, type ChildEnd } from '../support/child.ts'
import { copyDist, type DistCopy } from '../support/dist-copy.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let copy: DistCopy
let receiver: Receiver
/** By Node: what the command has written there. */
const files = new Map<string, Buffer>()

beforeAll(async () => {
  copy = copyDist()
  receiver = await startReceiver()
  for (const version of NODE_VERSIONS) {
    files.set(version, precompile(version))
    remove(version)
  }
}, 30_000)
afterAll(async () => {
  await receiver.close()
  copy.remove()
})

/** The chunk of the first record. */
const RECORDS = 'engine-records.cjs'
const bundle = (name = 'engine-start.cjs'): Buffer => readFileSync(join(copy.dist, name))
/** Of the code of each bundle that `taken` meets, as the command has written it. */
function sizes(version: string): number[] {
  return ['engine-start.cjs', RECORDS, 'export-worker-main.cjs'].flatMap((name) => {
    const path = copy.compiledPath(version, name)
    return existsSync(path) ? codeOf(readFileSync(path), bundle(name))!.length : []
  })
}
const remove = (version: string): void => rmSync(copy.compiledPath(version), { recursive: true, force: true })

/** @returns the file that the command wrote */
function precompile(version: string, nodeArgs: readonly string[] = []): Buffer {
  execFileSync(nodeBinary(version), [...nodeArgs, join(copy.dist, 'cli.js'), 'precompile'], { stdio: 'pipe' })
  return readFileSync(copy.compiledPath(version))
}

/** @returns what the application saw, and how many of its records arrived */
async function seen(version: string, nodeArgs = ['--require', join(copy.dist, 'register.cjs')]) {
  const before = receiver.receivedLogs.length
  const { code, stdout, stderr } = await runChild('preload/engine-seen.cjs', {
    node: nodeBinary(version),
    preload: 'none',
    nodeArgs,
    args: [copy.dist],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  return {
    code,
    stderr,
    saw: stdout === '' ? undefined : (JSON.parse(stdout) as unknown),
    logs: receiver.receivedLogs.length - before,
  }
}

const AT_WORK = {
  code: 0,
  stderr: '',
  logs: 1,
  saw: {
    isRunning: true,
    isRunningInThread: true,
    exported: ['preload', 'start', 'startForOthers'],
    stack: expect.stringMatching(
      /^TracelogError: [^]*\n {4}at Object\.start \([^\n]*engine-start\.cjs:\d+:\d+\)\n/,
    ) as string,
  },
}

/** Bytes that V8 took over of our files, for a start, a first record and its export: Node has others of its own. */
async function taken(version: string, nodeArgs: readonly string[] = []): Promise<number[]> {
  const { stdout } = await runChild('preload/hello.cjs', {
    node: nodeBinary(version),
    preload: 'none',
    nodeArgs: [...nodeArgs, '--profile-deserialization', '--require', join(copy.dist, 'register.cjs')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  expect(stdout).toContain('true')
  const ours = new Set(sizes(version))
  return [...stdout.matchAll(/Deserializing from (\d+) bytes/g)]
    .map(([, size]) => Number(size))
    .filter((size) => ours.has(size))
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  const compiled = (): Buffer => files.get(version)!
  const ofRecords = (): Buffer => readFileSync(copy.compiledPath(version, RECORDS))
  const ofOther = (): Buffer => files.get(NODE_VERSIONS.find((candidate) => candidate !== version)!)!

  test('V8 takes the code that the command has written', async () => {
    writeFileSync(copy.compiledPath(version), compiled())
    expect(sizes(version)).toHaveLength(3)
    expect(await taken(version)).toEqual(sizes(version))
    remove(version)
  })

  test('and with flags of V8 the code that was made with them', async () => {
    const before = ofRecords()
    precompile(version, ['--stack-size=900'])
    expect(await taken(version)).toEqual([])
    expect(await taken(version, ['--stack-size=900'])).toEqual(sizes(version))
    writeFileSync(copy.compiledPath(version, RECORDS), before)
    remove(version)
  })

  test('an application sees the same, whatever is or is not in the file', async () => {
    const absent = await seen(version)
    expect(absent).toEqual(AT_WORK)
    const wrongByte = Buffer.from(compiled())
    wrongByte[200_000]! ^= 0xff
    // What else may be wrong is in the table of the format (test/model/compiled-code.test.ts).
    const wrong: Readonly<Record<string, Buffer>> = {
      valid: compiled(),
      'of another Node': packCompiled(codeOf(ofOther(), bundle())!, bundle()),
      truncated: compiled().subarray(0, 300_000),
      'no code of V8': packCompiled(Buffer.alloc(4_096, 7), bundle()),
      'one wrong byte of the code': wrongByte,
    }
    for (const [name, file] of Object.entries(wrong)) {
      writeFileSync(copy.compiledPath(version), file)
      expect({ name, ...(await seen(version)) }).toEqual({ name, ...absent })
    }
    remove(version)
    // Nobody can read a folder as a file, root no more than others.
    mkdirSync(copy.compiledPath(version))
    expect(await seen(version)).toEqual(absent)
    remove(version)
  }, 60_000)

  test('by --import too, where no code may be made from strings, and below the permission model', async () => {
    writeFileSync(copy.compiledPath(version), compiled())
    const register = pathToFileURL(join(copy.dist, 'register.cjs')).href
    expect(await seen(version, ['--import', register])).toEqual(AT_WORK)
    expect(await seen(version, ['--disallow-code-generation-from-strings', '--import', register])).toEqual(AT_WORK)
    const allowed = [
      '--permission',
      '--allow-fs-read=*',
      '--allow-worker',
      '--disable-warning=SecurityWarning',
      '--disable-warning=ExperimentalWarning',
    ]
    const net = version.startsWith('22.') || version.startsWith('24.') ? [] : ['--allow-net']
    const permitted = [...allowed, ...net, '--import', register]
    const withCode = await seen(version, permitted)
    remove(version)
    expect(withCode).toEqual(await seen(version, permitted))
    expect(withCode.saw).toEqual(AT_WORK.saw)
  })
})

test('in a global object of its own, as jest has, the bundle is loaded by who loaded this', async () => {
  const version = NODE_VERSIONS[1]!
  writeFileSync(copy.compiledPath(version), files.get(version)!)
  const program = join(copy.folder, 'own-global.cjs')
  writeFileSync(
    program,
    `const vm = require('node:vm')
const text = require('node:fs').readFileSync(${JSON.stringify(join(copy.dist, 'engine.cjs'))}, 'latin1')
const asked = []
const load = (name) => (asked.push(name), name.startsWith('.') ? {} : require(name))
const parameters = ['module', 'exports', 'require', '__filename', '__dirname', 'Buffer', 'process']
const parsingContext = vm.createContext({})
const run = vm.compileFunction(text, parameters, { parsingContext })
run({ exports: {} }, {}, load, '', ${JSON.stringify(copy.dist)}, Buffer, process)
process.stdout.write(asked.join(' '))`,
  )
  const ended: ChildEnd = await runChild(program, { node: nodeBinary(version), preload: 'none' })
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/ \.\/engine-start\.cjs$/) })
  remove(version)
})

test.each([RECORDS, 'export-worker-main.cjs'])('nor does it see what is in the file of %s', async (name) => {
  const version = NODE_VERSIONS[1]!
  writeFileSync(copy.compiledPath(version), files.get(version)!)
  const path = copy.compiledPath(version, name)
  const whole = readFileSync(path)
  const wrongByte = Buffer.from(whole)
  wrongByte[100_000]! ^= 0xff
  for (const file of [wrongByte, Buffer.alloc(0), packCompiled(Buffer.alloc(4_096, 7), bundle(name))]) {
    writeFileSync(path, file)
    expect(await seen(version)).toEqual(AT_WORK)
  }
  rmSync(path)
  expect(await seen(version)).toEqual(AT_WORK)
  writeFileSync(path, whole)
  remove(version)
})

test('a process without compiled code of the start looks for none of a chunk', async () => {
  const version = NODE_VERSIONS[1]!
  precompile(version)
  const [, , ofWorker] = sizes(version)
  remove(version)
  expect(await taken(version)).toEqual([ofWorker])
})

test('the bundle imports nothing dynamically: a script without a loader could not', () => {
  expect(bundle().toString('latin1')).not.toMatch(/(?<![.\w$])import\(/)
})
