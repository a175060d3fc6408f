/** Levels of running processes, as an application sees them: child processes, the real command, a real receiver. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runCli } from '../cli/run-cli.ts'
import { runChild, startChild, type ChildOptions, type RunningChild } from '../support/child.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../support/receiver.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const CHANGED = 'tracelog.level.changed'

let receiver: Receiver
let temporary: string
let children: RunningChild[]

beforeEach(async () => {
  receiver = await startReceiver()
  temporary = mkdtempSync(join(tmpdir(), 'tracelog-levels-'))
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await receiver.close()
  rmSync(temporary, { recursive: true })
})

function optionsOf(env: Record<string, string | undefined> = {}): ChildOptions {
  const common = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'shop', TRACELOG_LEVEL: 'info' }
  return { env: { ...common, XDG_RUNTIME_DIR: undefined, TMPDIR: temporary, ...env } }
}

async function speaks(env: Record<string, string | undefined> = {}, ...args: string[]): Promise<RunningChild> {
  const child = startChild('levels/speaks.cjs', { ...optionsOf(env), args })
  children.push(child)
  await child.prints('speaks')
  return child
}

function level(...argv: string[]): ReturnType<typeof runCli> {
  return runCli(['level', ...argv], { env: { TMPDIR: temporary } })
}

/** Resolves when a record is there that was not there when we asked. */
async function arrives(what: string, isIt: (log: ReceivedLog) => boolean): Promise<ReceivedLog> {
  const before = receiver.receivedLogs.length
  const found = () => receiver.receivedLogs.slice(before).find(isIt)
  await receiver.until(what, () => found() !== undefined)
  return found() as ReceivedLog
}

const says = (word: string, scope?: string) => (log: ReceivedLog) =>
  typeof log.record.body === 'string' &&
  log.record.body.startsWith(word) &&
  (scope === undefined || log.scope.name === scope)

function changes(): unknown[] {
  return receiver.receivedLogs
    .filter(({ record: { eventName } }) => eventName === CHANGED)
    .map(({ record: { attributes } }) => attributes)
}

const change = (old: string, becomes: string, source: string, scope?: string) =>
  expect.objectContaining({
    'tracelog.level.old': old,
    'tracelog.level.new': becomes,
    'tracelog.level.source': source,
    ...(scope === undefined ? {} : { 'tracelog.level.scope': scope }),
  }) as unknown

const folder = () => join(temporary, `tracelog-${process.geteuid?.()}`)

describe('tracelog level', () => {
  test('changes the level of a running process and takes it back; each change is one record', async () => {
    await speaks()
    await arrives('info', says('info'))
    expect(receiver.receivedLogs.filter(says('debug'))).toEqual([])

    expect(await level('debug,db=error', '--service', 'shop')).toMatchObject({ code: 0, err: '' })
    await arrives('debug of app', says('debug', 'app'))
    expect(await level('--clear', '--service', 'shop')).toMatchObject({ code: 0, err: '' })
    await arrives('the level as before', ({ record: { attributes } }) => attributes['tracelog.level.new'] === 'info')
    await arrives('info of db', says('info', 'db'))
    expect(changes()).toEqual(
      expect.arrayContaining([
        change('info', 'debug', 'command'),
        change('info', 'error', 'command', 'db'),
        change('debug', 'info', 'command'),
        change('error', 'info', 'command', 'db'),
      ]),
    )
    expect(changes()).toHaveLength(4)
    expect(receiver.receivedLogs.filter(says('debug', 'db'))).toEqual([])
  })

  test('--for ends by itself, the command being long gone', async () => {
    await speaks()
    await level('debug', '--service', 'shop', '--for', '1500ms')
    await arrives('debug', says('debug'))
    await arrives('the end', ({ record: { attributes } }) => attributes['tracelog.level.new'] === 'info')
    expect(changes()).toEqual([change('info', 'debug', 'command'), change('debug', 'info', 'command')])
  })

  test('all processes of the service follow, workers of a cluster and later ones too, others do not', async () => {
    const cluster = startChild('levels/cluster.cjs', optionsOf())
    children.push(cluster)
    await speaks()
    await speaks({ OTEL_SERVICE_NAME: 'other' })
    const pids = (logs: readonly ReceivedLog[]) => new Set(logs.map(({ resource }) => resource['process.pid']))
    await receiver.until('four processes', () => pids(receiver.receivedLogs.filter(says('info'))).size === 4)
    await level('debug', '--service', 'shop')
    await receiver.until('three with debug', () => pids(receiver.receivedLogs.filter(says('debug'))).size === 3)
    // One that is over before its first look.
    await runChild('levels/speaks.cjs', { ...optionsOf(), args: ['once'] })
    const debug = receiver.receivedLogs.filter(says('debug'))
    expect(pids(debug).size).toBe(4)
    expect(new Set(debug.map(({ resource }) => resource['service.name']))).toEqual(new Set(['shop']))
  })

  test('a worker thread of the application follows too, and the change is told once', async () => {
    const child = startChild('levels/thread.cjs', optionsOf())
    children.push(child)
    await receiver.until('the thread', () => receiver.receivedLogs.some(says('info')))
    await level('debug', '--service', 'shop')
    // Each of the two looks for itself, in whichever order.
    const [early] = await Promise.all([
      arrives('debug of the thread', says('debug')),
      receiver.until('the change', () => changes().length > 0),
    ])
    expect(early.record.attributes['thread.id']).toBeDefined()
    await arrives('another round', says('debug'))
    expect(changes()).toEqual([change('info', 'debug', 'command')])
  })

  test('is stronger than setLevel in code, which is stronger than the environment', async () => {
    await speaks({}, 'set', 'warn')
    await arrives('the change by code', ({ record: { eventName } }) => eventName === CHANGED)
    expect(changes()).toEqual([change('info', 'warn', 'code')])
    await level('debug', '--service', 'shop')
    await arrives('debug', says('debug'))
    await level('--clear', '--service', 'shop')
    await arrives('the level by code', ({ record: { attributes } }) => attributes['tracelog.level.new'] === 'warn')
  })

  test('reaches processes that were started with XDG_RUNTIME_DIR and those without', async () => {
    const runtime = join(temporary, 'runtime')
    mkdirSync(runtime)
    await speaks({ XDG_RUNTIME_DIR: runtime })
    await speaks()
    await runCli(['level', 'debug', '--service', 'shop'], { env: { TMPDIR: temporary, XDG_RUNTIME_DIR: runtime } })
    await receiver.until('both', () => changes().length === 2)
    rmSync(folder(), { recursive: true })
    await arrives('the end of one', ({ record: { attributes } }) => attributes['tracelog.level.new'] === 'info')
    expect(changes()).toHaveLength(3)
  })

  test('that was killed before its file was in place has changed nothing, and the next one cleans up', async () => {
    await level('warn', '--service', 'other')
    const dies = new URL('../fixtures/levels/dies-at-rename.cjs', import.meta.url).pathname
    const killed = await runChild(CLI, {
      ...optionsOf(),
      preload: 'none',
      nodeArgs: ['--require', dies],
      args: ['level', 'debug', '--service', 'shop'],
    })
    expect(killed.signal).toBe('SIGKILL')
    expect(readdirSync(folder())).toHaveLength(2)
    await runChild('levels/speaks.cjs', { ...optionsOf(), args: ['once'] })
    expect(receiver.receivedLogs.filter(says('debug'))).toEqual([])
    for (const name of readdirSync(folder())) utimesSync(join(folder(), name), 0, 0)
    await level('debug', '--service', 'shop')
    expect(readdirSync(folder())).toEqual(['other.level', 'shop.level'])
  })
})

describe('a file that cannot be believed or read leaves the level as it is, and is one line', () => {
  const path = () => join(folder(), 'shop.level')
  function put(text = 'debug\n'): void {
    if (!existsSync(folder())) mkdirSync(folder(), { mode: 0o700 })
    writeFileSync(path(), text, { mode: 0o600 })
  }
  const CASES: [what: string, arrange: () => void, line: string][] = [
    ['bad text', () => put('loud\n'), 'shop.level is "loud", but must be one of trace,'],
    ['no text', () => put(''), 'shop.level is "", but must be one of trace,'],
    ['a bad end', () => put('debug\nsoon\n'), 'shop.level is "soon", but must be one of trace,'],
    ['a folder', () => mkdirSync(path(), { recursive: true, mode: 0o700 }), 'is no file, but must be a file'],
    [
      'a symbolic link',
      () => {
        put()
        renameSync(path(), join(temporary, 'elsewhere'))
        symlinkSync(join(temporary, 'elsewhere'), path())
      },
      'shop.level is a symbolic link, but must be a file',
    ],
    [
      'a folder that is a symbolic link',
      () => {
        put()
        renameSync(folder(), join(temporary, 'elsewhere'))
        symlinkSync(join(temporary, 'elsewhere'), folder())
      },
      'is no folder, but must be a folder',
    ],
    [
      'a folder that is open to others',
      () => {
        put()
        chmodSync(folder(), 0o770)
      },
      'is open to others (mode 770), but must be of mode 700',
    ],
  ]
  // Only root can make what belongs to others.
  if (process.geteuid?.() === 0) {
    CASES.push(
      [
        'a file of another user',
        () => {
          put()
          chownSync(path(), 65_534, 65_534)
        },
        'shop.level is of user 65534, but must be of the user of this process (0)',
      ],
      [
        'a folder of another user',
        () => {
          put()
          chownSync(folder(), 65_534, 65_534)
        },
        'is of user 65534, but must be of the user of this process (0)',
      ],
    )
  }
  test.each(CASES)('%s', async (_what, arrange, line) => {
    arrange()
    const ended = await runChild('levels/speaks.cjs', { ...optionsOf(), args: ['once'] })
    expect(ended.code).toBe(0)
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringContaining(line)])
    expect(receiver.receivedLogs.map(({ record }) => record.body)).toEqual(['info 1', 'info 1', 'speaks'])
  })

  test('while it runs too; the next good one counts', async () => {
    const child = await speaks()
    await level('debug', '--service', 'shop')
    await arrives('debug', says('debug'))
    put('loud\n')
    while (!child.stderr().includes('the level stays as it is')) await arrives('debug', says('debug'))
    await arrives('debug, as before', says('debug'))
    await level('error', '--service', 'shop')
    await arrives('the new level', ({ record: { attributes } }) => attributes['tracelog.level.new'] === 'error')
    expect(child.stderr().trim().split('\n')).toHaveLength(1)
    expect(changes()).toHaveLength(2)
  })
})

test('a process does not live longer for the files', async () => {
  await level('debug', '--service', 'shop')
  const { code, tookMillis } = await runChild('levels/speaks.cjs', { ...optionsOf(), args: ['once'] })
  const without = await runChild('levels/speaks.cjs', { ...optionsOf({ OTEL_SERVICE_NAME: 'other' }), args: ['once'] })
  expect(code).toBe(0)
  expect(tookMillis).toBeLessThan(without.tookMillis * 3 + 500)
})
