/** `tracelog run --access-log`, as a real process before a real backend: which lines arrive as what, across rotations. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, onTestFinished, test } from 'vitest'

import { decodeLogsRequest } from '../../src/model/otlp-decode.ts'
import { startTestBackend, temporaryDirectory } from '../backend/support/backend.ts'
import { ACCESS_CASES } from '../contract/access-lines.ts'
import { runCli } from './run-cli.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const NGINX = ACCESS_CASES.find(({ kind }) => kind === 'nginx')!
const HAPROXY = ACCESS_CASES.find(({ kind }) => kind === 'haproxy')!

/** A line of nginx with this path. */
const lineOf = (path: string): string => JSON.stringify({ ...(JSON.parse(NGINX.line) as object), path })

interface Scene {
  readonly file: string
  readonly ended: Promise<unknown[]>
  err(): string
  stop(): void
  /** `service body` of all that arrived. */
  arrived(): string[]
}

/** Follows once the file has been looked at. @param before  what the file holds then; undefined: there is none */
async function startScene(before: string | undefined, args: readonly string[] = []): Promise<Scene> {
  const { ready, stages } = await startTestBackend()
  const folder = join(temporaryDirectory(), 'logs')
  mkdirSync(folder)
  const file = join(folder, 'tracelog.json')
  if (before !== undefined) writeFileSync(file, before)
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS$|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [CLI, 'run', '--access-log', file, ...args], {
    env: { ...Object.fromEntries(inherited), TRACELOG_DATA: ready.data, ACCESS_LOG: file, OTEL_SDK_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  child.stdout.resume()
  onTestFinished(() => void child.kill('SIGKILL'))
  const arrived = (): string[] =>
    stages.requests
      .flatMap((request) => decodeLogsRequest(request.bytes))
      .flatMap(({ resource, scopes }) =>
        scopes.flatMap(({ records }) =>
          records.map(({ body }) => `${textOf(resource.attributes['service.name'])} ${textOf(body)}`),
        ),
      )
  return { file, ended: once(child, 'close'), err: () => err, stop: () => void child.kill('SIGINT'), arrived }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const WAIT = { timeout: 20_000 }

/** Lines are written until one has arrived: what was there before is not read, and nothing says when it has been looked at. */
async function begin(scene: Scene): Promise<void> {
  await expect
    .poll(
      () => {
        appendFileSync(scene.file, `${lineOf('/begin')}\n`)
        return scene.arrived().includes('nginx GET /begin 200')
      },
      { ...WAIT, interval: 100 },
    )
    .toBe(true)
}

describe('tracelog run --access-log', () => {
  test('sends what is written from now on, each line by its kind, until it is interrupted', async () => {
    const scene = await startScene(`${lineOf('/old')}\n`)
    await begin(scene)
    expect(scene.err()).toBe(`tracelog run: follows ${scene.file} from its end on; Ctrl-C ends it\n`)
    appendFileSync(scene.file, `${lineOf('/a')}\n${HAPROXY.line}\nno access line\n${lineOf('/half').slice(0, 50)}`)
    const rest = (): string[] => scene.arrived().filter((line) => !line.includes('/begin'))
    await expect.poll(rest, WAIT).toHaveLength(3)
    appendFileSync(scene.file, `${lineOf('/half').slice(50)}\n`)
    scene.stop()
    expect(await scene.ended).toEqual([0, null])
    expect(rest().toSorted()).toEqual([
      `haproxy ${HAPROXY.expected?.body}`,
      'nginx GET /a 200',
      'nginx GET /half 200',
      'tracelog.json no access line',
    ])
  })

  test('goes on in the new file when it was renamed or emptied', async () => {
    const scene = await startScene(undefined)
    await begin(scene)
    renameSync(scene.file, `${scene.file}.1`)
    appendFileSync(`${scene.file}.1`, `${lineOf('/late')}\n`)
    writeFileSync(scene.file, `${lineOf('/new')}\n`)
    await expect.poll(() => scene.arrived(), WAIT).toContain('nginx GET /new 200')
    expect(scene.arrived()).toContain('nginx GET /late 200')
    truncateSync(scene.file)
    await expect
      .poll(
        () => {
          appendFileSync(scene.file, `${lineOf('/emptied')}\n`)
          return scene.arrived().includes('nginx GET /emptied 200')
        },
        { ...WAIT, interval: 300 },
      )
      .toBe(true)
    expect(scene.arrived().filter((line) => line.includes('/late') || line.includes('/new'))).toHaveLength(2)
    scene.stop()
    expect(await scene.ended).toEqual([0, null])
  })

  test('beside a command: all that it wrote arrives, and its end is ours', async () => {
    const script = `const fs = require('node:fs')
      for (let n = 0; n < 2000; n++) fs.appendFileSync(process.env.ACCESS_LOG, ${JSON.stringify(lineOf('/n'))} + '\\n')
      process.exit(7)`
    const scene = await startScene(undefined, ['--', process.execPath, '-e', script])
    expect(await scene.ended).toEqual([7, null])
    expect(scene.arrived()).toHaveLength(2_000)
    expect(scene.err()).toContain('tracelog.json is not there yet; it is read once it is')
  })

  test('with a kind: other lines are kept as text, and it is said how many', async () => {
    const write = `require('node:fs').appendFileSync(process.env.ACCESS_LOG, ${JSON.stringify(`${NGINX.line}\nnonsense\n`)})`
    const scene = await startScene(undefined, ['--access-log-kind', 'nginx', '--', process.execPath, '-e', write])
    expect(await scene.ended).toEqual([0, null])
    expect(scene.arrived()).toEqual([`nginx ${NGINX.expected?.body}`, 'nginx nonsense'])
    expect(scene.err()).toContain(
      'access lines (1) are kept as text; of the last request line 2 is kept as text: it is not JSON',
    )
  })

  test.each([
    { args: ['--access-log-kind', 'apache'], code: 2, says: 'must be one of nginx, haproxy' },
    { args: ['--data', '/nowhere/at/all'], code: 3, says: 'no backend is running' },
  ])('ends with $code for $args', async ({ args, code, says }) => {
    const scene = await startScene('', args)
    expect(await scene.ended).toEqual([code, null])
    expect(scene.err()).toContain(says)
  })

  test('a kind without a file is refused', async () => {
    expect(await runCli(['run', '--access-log-kind', 'nginx', '--', 'true'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--access-log-kind is given without --access-log') as string,
    })
  })

  test('a command that cannot be started ends it too', async () => {
    const scene = await startScene('', ['--', '/nowhere/at/all'])
    expect(await scene.ended).toEqual([127, null])
  })

  test('a folder is refused, not waited for', async () => {
    const folder = temporaryDirectory()
    const ran = await runCli(['run', '--access-log', folder])
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining(`--access-log is "${folder}", but must be a file`) as string,
    })
    expect(await runCli(['flatten', '--follow', folder])).toMatchObject({
      code: 2,
      err: expect.stringContaining(`FILE is "${folder}", but must be a file`) as string,
    })
  })
})
