/** `tracelog run --capture-stdio`, as a real process: what the command prints arrives as records, and goes where it went. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startReceiver, type Receiver } from '../support/receiver.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

let receiver: Receiver
const folder = mkdtempSync(join(tmpdir(), 'tracelog-captured-'))
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true })
})

interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<{
    readonly end: readonly [code: number | null, signal: NodeJS.Signals | null]
    readonly out: Buffer
    readonly err: string
    /** Scope, severity and text of each record, sorted. */
    readonly records: readonly string[]
  }>
}

let runs = 0

function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const service = `service-${++runs}`
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS$|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [CLI, 'run', '--capture-stdio', '--service', service, '--', ...command], {
    cwd: folder,
    env: {
      ...Object.fromEntries(inherited),
      TRACELOG_DATA: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_EXPORTER: 'none',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const ended = once(child, 'close').then((end) => ({
    end: end as [number | null, NodeJS.Signals | null],
    out: Buffer.concat(out),
    err,
    records: receiver.receivedLogs
      .filter(({ resource }) => resource['service.name'] === service)
      .map(({ scope, record }) => `${scope.name} ${record.severityNumber} ${record.body as string}`)
      .toSorted(),
  }))
  return { process: child, ended }
}

const SHELL = `echo plain
printf 'in '; printf 'pieces\\n'
echo '{"level":"warn","msg":"as JSON","n":1}'
echo 'password=hunter2hunter2'
echo 'on stderr' >&2
exit 3`

describe('the lines of a command without tracelog', () => {
  test('of a shell: records with the name of the service, redacted, and its exit code is ours', async () => {
    const { end, out, err, records } = await start(['sh', '-c', SHELL]).ended
    expect(end).toEqual([3, null])
    expect(err).toBe('on stderr\n')
    expect(out.toString()).toBe('plain\nin pieces\n{"level":"warn","msg":"as JSON","n":1}\npassword=hunter2hunter2\n')
    expect(records).toEqual(
      [
        'stderr 9 on stderr',
        'stdout 9 in pieces',
        'stdout 9 password=[redacted]',
        'stdout 9 plain',
        'stdout 13 as JSON',
      ].toSorted(),
    )
  })

  test('of Python: a traceback is one record', async () => {
    const program = join(folder, 'fails.py')
    writeFileSync(program, "print('begins')\ndef f():\n    raise ValueError('bad')\nf()\n")
    const { end, out, err, records } = await start(['python3', program]).ended
    expect(end).toEqual([1, null])
    expect(out.toString()).toBe('begins\n')
    expect(err).toMatch(/^Traceback[^]*ValueError: bad\n$/)
    expect(records).toEqual(['stderr 17 ValueError: bad', 'stdout 9 begins'])
  })

  test('output that is no text, and much of it, arrives byte for byte', async () => {
    const copy = join(folder, 'copy')
    const { end, out } = await start(['sh', '-c', `head -c 3000000 /dev/urandom | tee ${copy}`]).ended
    expect(end).toEqual([0, null])
    expect(out.equals(readFileSync(copy))).toBe(true)
  })

  test('a reader that goes away is gone for the command too', async () => {
    const ran = start(['sh', '-c', 'exec yes'])
    await once(ran.process.stdout!, 'data')
    ran.process.stdout!.destroy()
    // By a signal, or by the error of its write where what it has written was not read.
    const { end } = await ran.ended
    expect([1, 'SIGPIPE']).toContain(end[0] ?? end[1])
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s reaches it, and its end is ours', async (signal) => {
    const number = { SIGTERM: 'TERM', SIGINT: 'INT' }[signal]
    const ran = start(['sh', '-c', `trap 'echo got; exit 7' ${number}; echo ready; while :; do sleep 0.05; done`])
    await once(ran.process.stdout!, 'data')
    ran.process.kill(signal)
    const { end, out, records } = await ran.ended
    expect(end).toEqual([7, null])
    expect(out.toString()).toBe('ready\ngot\n')
    expect(records).toEqual(['stdout 9 got', 'stdout 9 ready'])
  })

  test('one that there is not ends with 127', async () => {
    expect((await start(['no-such-command-here']).ended).end).toEqual([127, null])
  })
})

describe('a Node process with the preload captures its own output', () => {
  test('also behind a shell and another Node process: each line once', async () => {
    const program = join(folder, 'app.cjs')
    writeFileSync(program, "console.log('by console'); process.stdout.write('direct\\n'); console.error('on stderr')")
    const between = join(folder, 'between.cjs')
    writeFileSync(
      between,
      `require('node:child_process').spawnSync(process.execPath, [${JSON.stringify(program)}], { stdio: 'inherit' })`,
    )
    const { end, out, err, records } = await start(['sh', '-c', `exec "${process.execPath}" "${between}"`]).ended
    expect(end).toEqual([0, null])
    expect([out.toString(), err]).toEqual(['by console\ndirect\n', 'on stderr\n'])
    expect(records).toEqual(['console 17 on stderr', 'console 9 by console', 'stdout 9 direct'])
  })

  test('what it writes past process.stdout is no second record', async () => {
    const program = join(folder, 'descriptor.cjs')
    writeFileSync(program, "require('node:fs').writeSync(1, 'to the descriptor\\n')")
    const { out, records } = await start([process.execPath, program]).ended
    expect(out.toString()).toBe('to the descriptor\n')
    expect(records).toEqual([])
  })

  test('where its output goes elsewhere, the lines of the command are read (TRACELOG_CAPTURED_BY tells of both)', async () => {
    const program = join(folder, 'piped.cjs')
    writeFileSync(program, "process.stdout.write('through cat\\n')")
    const { out, records } = await start([
      'sh',
      '-c',
      `"${process.execPath}" "${program}" 2>/dev/null | sed 's/through/behind/'`,
    ]).ended
    expect(out.toString()).toBe('behind cat\n')
    expect(records).toEqual(['stdout 9 behind cat', 'stdout 9 through cat'])
  })
})
