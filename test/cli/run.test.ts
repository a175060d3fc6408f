/** `tracelog run`, as a real process: what the command gets, and how it ends. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { nodeOptions } from '../../src/cli/run.ts'
import { startFakeBackend, TOKEN } from './fake-backend.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/cli.js')
const REGISTER = pathToFileURL(join(ROOT, 'dist/register.cjs')).href

let data = ''
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'tracelog-run-'))
})
afterAll(() => rmSync(data, { recursive: true }))

interface Started {
  readonly process: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>
}

function start(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Started {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS$|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [CLI, 'run', ...args], {
    ...(env['TRACELOG_TEST_CWD'] === undefined ? {} : { cwd: env['TRACELOG_TEST_CWD'] }),
    env: { ...Object.fromEntries(inherited), TRACELOG_DATA: data, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return { process: child, out: () => out, err: () => err, ended }
}

/** Prints as JSON what `tracelog run` has set. */
const PRINT_ENV = `console.log(JSON.stringify(Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(OTEL_|NODE_OPTIONS)/.test(name)))))`
/** The preload itself is not under test here, and nothing listens. */
const QUIET = { OTEL_SDK_DISABLED: 'true' }

async function environmentOf(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Record<string, string>> {
  const ran = start([...args, '--', process.execPath, '-e', PRINT_ENV], { ...QUIET, ...env })
  expect(await ran.ended).toEqual([0, null])
  const {
    OTEL_SDK_DISABLED: _,
    OTEL_RESOURCE_ATTRIBUTES: __,
    ...rest
  } = JSON.parse(ran.out()) as Record<string, string>
  return rest
}

describe('the run', () => {
  async function attributesOf(args: readonly string[], env: Record<string, string> = {}): Promise<URLSearchParams> {
    const ran = start([...args, '--', process.execPath, '-e', PRINT_ENV], { ...QUIET, ...env })
    expect(await ran.ended).toEqual([0, null])
    const { OTEL_RESOURCE_ATTRIBUTES: text = '' } = JSON.parse(ran.out()) as Record<string, string>
    return new URLSearchParams(text.replaceAll(',', '&'))
  }

  test('has an id of its own, the name that was given, else the command without its options', async () => {
    const [first, second] = [await attributesOf([]), await attributesOf(['--name', 'a,b=c é'])]
    expect(first.get('tracelog.run.id')).toMatch(/^[0-9a-f]{16}$/)
    expect(second.get('tracelog.run.id')).not.toBe(first.get('tracelog.run.id'))
    expect([first, second].map((one) => one.get('tracelog.run.name'))).toEqual(['node', 'a,b=c é'])
  })

  test('has a name without what may be secret, and never half a character', async () => {
    const url = start(['--', process.execPath, 'postgres://bob:hunter2secret@db/x'], QUIET)
    await url.ended
    expect(url.err()).not.toContain('URI')
    const cut = await attributesOf(['--name', `${'x'.repeat(79)}😀`])
    expect(cut.get('tracelog.run.name')).toBe(`${'x'.repeat(79)}\uFFFD`)
  })

  test('says which code it is, where git knows it', async () => {
    const repository = mkdtempSync(join(tmpdir(), 'tracelog-code-'))
    const git = (...args: readonly string[]): string => {
      const user = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false']
      return execFileSync('git', ['-C', repository, ...user, ...args], { encoding: 'utf8' }).trim()
    }
    git('init', '-q')
    writeFileSync(join(repository, 'a.txt'), 'a')
    git('add', '.')
    git('commit', '-qm', 'a')
    const env = { TRACELOG_TEST_CWD: repository }
    const clean = await attributesOf([], env)
    expect([clean.get('vcs.ref.head.revision'), clean.get('tracelog.run.dirty')]).toEqual([
      git('rev-parse', 'HEAD'),
      'false',
    ])
    writeFileSync(join(repository, 'a.txt'), 'b')
    expect((await attributesOf([], env)).get('tracelog.run.dirty')).toBe('true')
    rmSync(repository, { recursive: true })
    expect((await attributesOf([], { TRACELOG_TEST_CWD: data })).get('vcs.ref.head.revision')).toBeNull()
  })

  test('within a run is the outer one, and what was set stays', async () => {
    const set = 'deployment.environment.name=dev'
    expect((await attributesOf([], { OTEL_RESOURCE_ATTRIBUTES: set })).get('deployment.environment.name')).toBe('dev')
    const outer = 'tracelog.run.id=0123456789abcdef'
    expect(String(await attributesOf([], { OTEL_RESOURCE_ATTRIBUTES: outer }))).toBe(outer)
  })
})

describe('the environment of the command', () => {
  test('has the preload as an absolute file URL, and keeps the options that were there', async () => {
    expect(await environmentOf([])).toEqual({ NODE_OPTIONS: `--import=${REGISTER}` })
    const { NODE_OPTIONS } = await environmentOf([], { NODE_OPTIONS: '--no-warnings' })
    expect(NODE_OPTIONS).toBe(`--no-warnings --import=${REGISTER}`)
  })

  test('never gets the preload twice', () => {
    const once_ = nodeOptions({}, 'file:///x/register.cjs')
    expect(nodeOptions({ NODE_OPTIONS: once_ }, 'file:///x/register.cjs')).toBe(once_)
  })

  test('has the endpoint of the running backend, and the service name that was given', async () => {
    const line = {
      ready: true,
      pid: process.pid,
      otlp_http: 'http://127.0.0.1:4399',
      api: 'http://127.0.0.1:9',
      token: 'x',
    }
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-run-'))
    writeFileSync(join(folder, 'backend.json'), JSON.stringify(line))
    expect(await environmentOf(['--service', 'shop', '--data', folder])).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4399',
      OTEL_SERVICE_NAME: 'shop',
    })
    rmSync(folder, { recursive: true })
  })

  test.each([
    {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4778' },
    },
    {
      env: { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
      variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4777',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4778',
      },
    },
    {
      env: { OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc' },
      variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4778',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4777/v1/traces',
      },
    },
  ])('has the endpoint of the protocol that is asked for ($env)', async ({ env, variables }) => {
    const ports = { otlp_http: 4777, otlp_grpc: 4778 }
    await using backend = await startFakeBackend({ status: { body: { ports } } })
    const got = await environmentOf(['--backend', backend.url], { TRACELOG_TOKEN: TOKEN, ...env })
    const endpoints = Object.entries(got).filter(([name]) => name.endsWith('ENDPOINT'))
    expect(Object.fromEntries(endpoints)).toEqual(variables)
  })

  test('keeps an endpoint that the user has set', async () => {
    const set = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }
    expect(await environmentOf([], { ...set, TRACELOG_BACKEND: 'http://127.0.0.1:9' })).toMatchObject(set)
  })

  test('has the endpoint that a backend given by its API tells', async () => {
    await using backend = await startFakeBackend({ status: { body: { ports: { otlp_http: 4777 } } } })
    const env = await environmentOf(['--backend', backend.url], { TRACELOG_TOKEN: TOKEN })
    expect(env['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe('http://127.0.0.1:4777')
  })
})

describe('the end of the command', () => {
  test.each([0, 1, 3, 42, 255])('with code %i is ours', async (code) => {
    expect(await start(['--', process.execPath, '-e', `process.exit(${code})`], QUIET).ended).toEqual([code, null])
  })

  test('by a signal is ours', async () => {
    expect(await start(['--', process.execPath, '-e', `process.kill(process.pid, 'SIGKILL')`], QUIET).ended).toEqual([
      null,
      'SIGKILL',
    ])
  })

  test('arguments and standard input arrive as they are', async () => {
    const script = `process.stdin.on('data', (c) => console.log(process.argv.slice(1), String(c)))`
    const ran = start(['--', process.execPath, '-e', script, '--', '--json', 'a b', '--help'], QUIET)
    ran.process.stdin?.end('typed')
    expect(await ran.ended).toEqual([0, null])
    expect(ran.out()).toBe("[ '--json', 'a b', '--help' ] typed\n")
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)('%s reaches the command, once', async (signal) => {
    const script = `let n = 0; process.on('${signal}', () => { console.log('got', ++n); setTimeout(() => process.exit(7), 50) });
      setInterval(() => {}, 1000); console.log('ready')`
    const ran = start(['--', process.execPath, '-e', script], QUIET)
    await once(ran.process.stdout as NodeJS.ReadableStream, 'data')
    ran.process.kill(signal)
    expect(await ran.ended).toEqual([7, null])
    expect(ran.out()).toBe('ready\ngot 1\n')
  })

  test('a signal that the command dies of ends us by the same one', async () => {
    const ran = start(['--', process.execPath, '-e', `setInterval(() => {}, 1000); console.log('ready')`], QUIET)
    await once(ran.process.stdout as NodeJS.ReadableStream, 'data')
    ran.process.kill('SIGTERM')
    expect(await ran.ended).toEqual([null, 'SIGTERM'])
  })

  test("with --json tracelog's own errors are JSON, and the command's arguments stay its own", async () => {
    const missing = start(['--json', '--', 'no-such-command-here'], QUIET)
    expect(await missing.ended).toEqual([127, null])
    expect(JSON.parse(missing.err())).toMatchObject({ error: { message: expect.stringContaining('was not found') } })
  })

  test('a command that does not exist ends with 127, one that is no program with 126', async () => {
    const missing = start(['--', 'no-such-command-here'])
    expect(await missing.ended).toEqual([127, null])
    expect(missing.err()).toContain('"no-such-command-here" was not found')
    const plain = join(data, 'plain.txt')
    writeFileSync(plain, 'text', { mode: 0o644 })
    expect(await start(['--', plain]).ended).toEqual([126, null])
  })

  test('a backend that was named and does not answer ends with 3, and the command is not run', async () => {
    const ran = start(['--backend', 'http://127.0.0.1:9', '--', process.execPath, '-e', 'console.log(1)'])
    expect(await ran.ended).toEqual([3, null])
    expect(ran.out()).toBe('')
  })
})
