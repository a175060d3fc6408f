import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { SignalStats } from '../../src/export/pipeline-stats.ts'
import { fixture, REGISTER, runChild, type ChildEnd, type ChildOptions } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

async function run(name: string, options: ChildOptions = {}): Promise<ChildEnd & { arrived: number }> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env }
  const ended = await runChild('ends/last.cjs', { ...options, args: [name], env })
  return { ...ended, arrived: receiver.receivedLogs.filter(({ scope }) => scope.name === 'app').length }
}

function identity({ delivered, spooled, queued, dropped }: SignalStats): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, delivered + spooled + queued)
}

/** What the lines on stderr add up to. */
function saidLost(stderr: string): number {
  return [...stderr.matchAll(/^tracelog: (\d+) (?:more )?records? dropped/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
}

describe('with the endpoint away, every record is counted as lost and said, those of exit listeners too:', () => {
  test.each([
    ['exit listeners log, process.exit', 3],
    ['exit listeners log, natural end', 0],
    ['exit listeners log, uncaught exception', 1],
  ])('%s', async (name, code) => {
    await receiver.stopListening()
    const ended = await run(name)
    const stats = JSON.parse(ended.stdout) as SignalStats
    expect(ended.code).toBe(code)
    expect(stats.emitted).toBe(1010)
    expect(identity(stats)).toBe(1010)
    expect(saidLost(ended.stderr)).toBe(1010)
  })
})

describe('an end that does not announce itself loses nothing:', () => {
  test.each([
    ['removeAllListeners of exit, then process.exit', 3, 10],
    ['removeAllListeners of all, then process.exit', 3, 10],
    ['a handler of uncaught exceptions that throws', 7, 10],
    ['execve', 4, 10],
  ])('%s', async (name, code, count) => {
    const [bare, ours] = await Promise.all([run(name, { preload: 'none' }), run(name)])
    expect(ours.code).toBe(code)
    expect(ours.code).toBe(bare.code)
    expect(ours.arrived).toBe(count)
  })
})

describe('where no worker may run', () => {
  // Node 25 and later ask for the network too, and call that experimental.
  const asksForNetwork = "process.allowedNodeEnvironmentFlags.has('--allow-net')"
  const node = process.env['TRACELOG_TEST_NODE'] ?? process.execPath
  const hasNetworkFlag = execFileSync(node, ['-p', asksForNetwork], { encoding: 'utf8' }).trim() === 'true'
  const networkFlags = hasNetworkFlag ? ['--allow-net', '--disable-warning=ExperimentalWarning'] : []
  const flags = ['--permission', '--allow-fs-read=*', ...networkFlags]

  test('a natural end sends everything from the main thread', async () => {
    const ended = await run('natural end', { nodeArgs: flags })
    expect(ended).toMatchObject({ code: 0, arrived: 10, stderr: '' })
  })

  test('process.exit leaves no time: what is lost is said', async () => {
    const ended = await run('process.exit', { nodeArgs: flags })
    expect(ended.code).toBe(3)
    expect(saidLost(ended.stderr)).toBe(10 - ended.arrived)
  })
})

test('timers that an application has put in place of the real ones do not hold the end', async () => {
  receiver.fault = { blackhole: true }
  const [real, fake] = await Promise.all([run('process.exit'), run('fake timers')])
  expect(fake.code).toBe(3)
  expect(saidLost(fake.stderr)).toBe(10)
  expect(fake.tookMillis).toBeLessThan(real.tookMillis + slack(300))
})

describe('a standard output that nobody reads does not stop the application:', () => {
  const env = { OTEL_LOGS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'none' }

  test.each([
    ['a socket', [process.execPath, '--require', REGISTER, fixture('ends/stalled-stdout.cjs')]],
    [
      'a pipe',
      [
        'sh',
        '-c',
        '"$0" --require "$1" "$2" | sleep 60',
        process.execPath,
        REGISTER,
        fixture('ends/stalled-stdout.cjs'),
      ],
    ],
  ])('%s', async (_name, [command = '', ...args]) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const ended = once(child, 'exit')
    let stderr = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => (stderr += text))
    await expect.poll(() => /\{.*\}/.test(stderr), { timeout: 20_000 }).toBe(true)
    try {
      // The shell and its reader that sleeps; nobody is left where the program ran alone.
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {}
    await ended
    const { away, ...stats } = JSON.parse(/\{.*\}/.exec(stderr)?.[0] ?? '') as SignalStats & { away: number }
    expect(away).toBeLessThan(slack(500))
    expect(stats.emitted).toBe(3000)
    expect(identity(stats)).toBe(3000)
    expect(stats.dropped.queue_full + stats.dropped.process_end).toBeGreaterThan(0)
  })
})

describe('a TRACELOG_FILE that takes nothing is said, counted, and does not hold the process:', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracelog-file-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test.each(['otlp,file', 'file'])('a named pipe without a reader, records go to %s', async (exporters) => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const env = { TRACELOG_FILE: path, OTEL_LOGS_EXPORTER: exporters }
    for (const name of ['natural end', 'process.exit']) {
      const ended = await run(name, { env })
      expect(ended.stderr).toContain(`${path} (ENXIO)`)
      expect(ended.tookMillis).toBeLessThan(slack(5_000))
    }
  })
})
