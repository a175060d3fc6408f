/** Configuration files as an application has them: OTEL_CONFIG_FILE, OTEL_EXPERIMENTAL_CONFIG_FILE, TRACELOG_CONFIG, tracelog.yaml. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { fixture, runChild, startChild, type ChildOptions, type RunningChild } from '../support/child.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
let folder: string
let children: RunningChild[]

beforeEach(async () => {
  receiver = await startReceiver()
  folder = mkdtempSync(join(tmpdir(), 'tracelog-config-'))
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await receiver.close()
  rmSync(folder, { recursive: true })
})

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

/** `file_format`, a service and the receiver, then what the test adds. */
function otelFile(more = ''): string {
  return put(
    'otel.yaml',
    `file_format: "1.0"
resource: {attributes: [{name: service.name, value: "\${SERVICE:-from-file}"}, {name: ring, value: 3, type: int}]}
logger_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: "${receiver.url}/v1/logs", headers: [{name: x-tenant, value: shop}]}}}}]}
${more}`,
  )
}

function options(env: Record<string, string> = {}): ChildOptions {
  return { cwd: folder, env: { XDG_RUNTIME_DIR: undefined, TMPDIR: folder, ...env } }
}

describe.each(['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])('%s', (name) => {
  test('says where records go and whose they are', async () => {
    const ended = await runChild('preload/hello.cjs', options({ [name]: otelFile() }))
    expect(ended).toMatchObject({ code: 0, stdout: 'true', stderr: '' })
    expect(receiver.requests.map(({ headers }) => headers['x-tenant'])).toEqual(['shop'])
    expect(receiver.receivedLogs[0]?.resource).toMatchObject({ 'service.name': 'from-file', ring: 3 })
  })
})

test('references are replaced, and the environment is stronger than the file', async () => {
  const env = { OTEL_CONFIG_FILE: otelFile(), SERVICE: 'by-reference' }
  await runChild('preload/hello.cjs', options(env))
  await runChild(
    'preload/hello.cjs',
    options({ ...env, OTEL_SERVICE_NAME: 'environment', OTEL_RESOURCE_ATTRIBUTES: 'ring=9' }),
  )
  expect(receiver.receivedLogs.map(({ resource }) => [resource['service.name'], resource['ring']])).toEqual([
    ['by-reference', 3],
    ['environment', '9'],
  ])
})

test('what is left out is one line, what is wrong is one line each, and nothing is lost', async () => {
  const more = 'meter_provider: {readers: [{a: 1}]}\nlog_level: debug\ntracelog: {access: sometimes}'
  const ended = await runChild('preload/hello.cjs', options({ OTEL_CONFIG_FILE: otelFile(more) }))
  expect(ended.stderr.trim().split('\n')).toEqual([
    'tracelog: tracelog.access (otel.yaml:6) is "sometimes", but must be one of on, off, errors; using the default',
    'tracelog: otel.yaml: left out, because tracelog does not do it: meter_provider (line 4), log_level (line 5)',
  ])
  expect(receiver.receivedLogs).toHaveLength(1)
})

test.each([
  ['a: [1', 'tracelog: tracelog.yaml:1 is no YAML: '],
  ['tracelog: {level: loud}', 'tracelog: tracelog.level (tracelog.yaml:1) is "loud", but must be one of trace, '],
])('tracelog.yaml that says %j is one line, and everything is captured as without it', async (text, line) => {
  put('tracelog.yaml', text)
  const ended = await runChild('preload/hello.cjs', options({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }))
  expect(ended.stderr.trim().split('\n')).toEqual([expect.stringContaining(line)])
  expect([ended.code, receiver.receivedLogs.length]).toEqual([0, 1])
})

test('start() throws what is wrong in a file', async () => {
  put('tracelog.yaml', 'tracelog: {access: sometimes}')
  const ended = await runChild(fixture('api/start.cjs'), {
    ...options({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }),
    preload: 'none',
  })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('tracelog.access (tracelog.yaml:1) is "sometimes", but must be one of on, off, errors')
})

test('TRACELOG_DEBUG=1 says from which line of which file a setting came', async () => {
  put('mine.yaml', 'tracelog:\n  access: errors\n')
  const ended = await runChild(
    'preload/hello.cjs',
    options({ OTEL_CONFIG_FILE: otelFile(), TRACELOG_CONFIG: 'mine.yaml', TRACELOG_DEBUG: '1' }),
  )
  const { settings } = JSON.parse(ended.stderr.split('\n', 1)[0]?.slice('tracelog: '.length) ?? '') as {
    settings: Record<string, unknown>
  }
  expect(settings).toMatchObject({
    TRACELOG_ACCESS: { value: 'errors', source: 'mine.yaml:2' },
    TRACELOG_CONFIG: { value: 'mine.yaml', source: 'environment' },
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: { value: receiver.url, source: 'otel.yaml:3' },
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: { value: '[redacted]', source: 'otel.yaml:3' },
  })
})

describe('the level of a running process follows', () => {
  async function speaks(env: Record<string, string> = {}): Promise<RunningChild> {
    const common = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_LEVEL: 'error' }
    const child = startChild(fixture('levels/speaks.cjs'), options({ ...common, ...env }))
    children.push(child)
    await child.prints('speaks')
    return child
  }

  /** Resolves when such a record arrives that was not there when we asked. */
  async function arrives(what: string, isIt: (log: ReceivedLog) => boolean): Promise<void> {
    const before = receiver.receivedLogs.length
    await receiver.until(what, () => receiver.receivedLogs.slice(before).some(isIt))
  }
  const says = (word: string) => (log: ReceivedLog) =>
    typeof log.record.body === 'string' && log.record.body.startsWith(word)
  const becomes = (level: string) => (log: ReceivedLog) => log.record.attributes['tracelog.level.new'] === level
  const changes = () =>
    receiver.receivedLogs
      .filter(({ record }) => record.eventName === 'tracelog.level.changed')
      .map(({ record: { attributes } }) => ['old', 'new', 'source'].map((key) => attributes[`tracelog.level.${key}`]))

  test('tracelog.yaml, also one that comes later, before the environment; without it the environment counts again', async () => {
    await speaks()
    put('tracelog.yaml', 'tracelog: {level: debug}')
    await arrives('debug', says('debug'))
    put('tracelog.yaml', 'tracelog: {level: info}')
    await arrives('info', becomes('info'))
    unlinkSync(join(folder, 'tracelog.yaml'))
    await arrives('error', becomes('error'))
    expect(changes()).toEqual([
      ['error', 'debug', 'file'],
      ['debug', 'info', 'file'],
      ['info', 'error', 'file'],
    ])
  })

  test('a ConfigMap: the link in the path is swapped for another', async () => {
    const volume = join(folder, 'volume')
    const version = (name: string, level: string) => {
      mkdirSync(join(volume, name), { recursive: true })
      writeFileSync(join(volume, name, 'tracelog.yaml'), `tracelog:\n  level: ${level}\n`)
      symlinkSync(name, join(volume, '..data_tmp'))
      renameSync(join(volume, '..data_tmp'), join(volume, '..data'))
    }
    version('..2026_1', 'info')
    symlinkSync('..data/tracelog.yaml', join(volume, 'tracelog.yaml'))
    await speaks({ TRACELOG_CONFIG: join(volume, 'tracelog.yaml') })
    await arrives('info', says('info'))
    expect(receiver.receivedLogs.some(says('debug'))).toBe(false)
    version('..2026_2', 'debug')
    await arrives('debug', says('debug'))
    expect(changes()).toEqual([['info', 'debug', 'file']])
  })

  test('what becomes bad, or is taken away under TRACELOG_CONFIG, leaves it as it is: one line each', async () => {
    put('mine.yaml', 'tracelog: {level: debug}')
    const child = await speaks({ TRACELOG_CONFIG: 'mine.yaml' })
    await arrives('debug', says('debug'))
    const lines = () =>
      child
        .stderr()
        .split('\n')
        .filter((line) => line !== '')
    const nextLine = async () => {
      const before = lines().length
      while (lines().length === before) await arrives('debug, still', says('debug'))
      await arrives('debug, still', says('debug'))
    }
    put('mine.yaml', 'tracelog: {level: loud}')
    await nextLine()
    put('mine.yaml', 'tracelog: {level')
    await nextLine()
    unlinkSync(join(folder, 'mine.yaml'))
    await nextLine()
    put('mine.yaml', 'tracelog: {level: info}')
    await arrives('info', becomes('info'))
    expect(lines()).toEqual([
      expect.stringContaining('tracelog.level (mine.yaml:1) is "loud", but must be one of'),
      expect.stringContaining('mine.yaml:1 is no YAML'),
      expect.stringContaining('TRACELOG_CONFIG is "mine.yaml", but must be a file that can be read'),
    ])
    expect(lines().every((line) => line.endsWith('; the level stays as it is'))).toBe(true)
    expect(changes()).toEqual([['debug', 'info', 'file']])
  })
})
