/** What `tracelog doctor` finds in a project, and whether a record makes its way. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { checkApiCopies } from '../../src/cli/doctor/api-copies.ts'
import type { Check } from '../../src/cli/doctor/check.ts'
import { findInstalled } from '../../src/cli/doctor/installed-packages.ts'
import { checkLoggers } from '../../src/cli/doctor/loggers.ts'
import type { TestSent } from '../../src/cli/doctor/endpoint.ts'
import { checkRecorder } from '../../src/cli/doctor/recorder.ts'
import { readSettings } from '../../src/cli/doctor/settings.ts'
import { checkVersions } from '../../src/cli/doctor/versions.ts'
import { startGrpcReceiver } from '../support/grpc-receiver.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { startFakeBackend } from './fake-backend.ts'
import { logRow } from './rows.ts'
import { runCli } from './run-cli.ts'

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracelog-doctor-'))
})
afterEach(() => rmSync(project, { recursive: true }))

function install(path: string, version: string): void {
  const file = join(project, 'node_modules', path, 'package.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ version }))
}

describe('copies of a package', () => {
  test('are found at any depth, above the folder, and in the layout of pnpm, each once', () => {
    install('winston', '3.19.0')
    install('a/node_modules/@scope/b/node_modules/winston', '2.4.0')
    install('.pnpm/winston@3.1.0/node_modules/winston', '3.1.0')
    symlinkSync('winston', join(project, 'node_modules/linked'))
    mkdirSync(join(project, 'packages/app'), { recursive: true })
    const versions = findInstalled(join(project, 'packages/app'), new Set(['winston'])).map(({ version }) => version)
    expect(versions.toSorted()).toEqual(['2.4.0', '3.1.0', '3.19.0'])
  })

  test.each<{ copies: string[]; status: Check['status']; text: string }>([
    { copies: [], status: 'ok', text: 'not used by this application' },
    { copies: ['1.10.0'], status: 'ok', text: 'one copy, 1.10.0' },
    { copies: ['1.9.0', '1.10.0'], status: 'warn', text: '2 copies' },
    { copies: ['1.11.0'], status: 'fail', text: 'cannot see the globals of 1.10.0' },
    { copies: ['1.10.0', '0.21.0'], status: 'fail', text: '0.21.0' },
  ])('of the OpenTelemetry API: $copies is $status', ({ copies, status, text }) => {
    copies.forEach((version, i) => install(`lib${i}/node_modules/@opentelemetry/api`, version))
    const check = checkApiCopies(project, '1.10.0')
    expect(check.status).toBe(status)
    expect(check.message).toContain(text)
  })
})

test('libraries are told copy by copy, those in a bundle, and what came of loading them, in JSON as in text', async () => {
  install('kafkajs', '2.2.4')
  install('mysql2', '3.16.3')
  writeFileSync(join(project, 'package.json'), '{"main":"app.js","dependencies":{"kafkajs":"2","mysql2":"3"}}')
  writeFileSync(join(project, 'app.js'), '__commonJS({ "node_modules/winston/lib/winston.js"() {} })')
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  const { out } = await runCli(['doctor', '--json'], { env, cwd: project })
  const { checks } = JSON.parse(out) as { checks: Check[] }
  const names = ['kafkajs', 'mysql2', 'winston', 'hooks']
  expect(
    checks.filter(({ name }) => names.includes(name)).map(({ status, message }) => `${status} ${message}`),
  ).toEqual([
    'ok kafkajs 2.2.4: hop',
    'warn mysql2 3.16.3: too old, 3.20.0 is needed: it publishes nothing, and its calls make no spans (node_modules/mysql2)',
    'warn winston: inside a bundle (app.js), where no copy can be found',
    expect.stringContaining('note could not be loaded alone: kafkajs (') as string,
  ])
  const text = (await runCli(['doctor'], { env, cwd: project })).out
  for (const { message } of checks.filter(({ name }) => names.includes(name))) expect(text).toContain(message)
})

test('loggers that write through the console arrive as its lines, and console is captured', () => {
  install('tslog', '4.9.3')
  const found = checkLoggers(project).map(({ name, status, message }) => [name, status, message.split(' (')[0]])
  expect(found).toEqual([
    ['tslog', 'note', 'tslog 4.9.3 arrives where it writes through console, as console records'],
    ['console', 'ok', 'console.* is captured'],
  ])
})

test.each([
  [false, 'note', 'its lines arrive with TRACELOG_CAPTURE_STDIO=on'],
  [true, 'ok', 'which is captured'],
] as const)('loggers that print past the console are named (TRACELOG_CAPTURE_STDIO on: %s)', (isOn, status, text) => {
  install('@nestjs/common', '12.5.1')
  install('log4js', '6.9.1')
  const found = checkLoggers(project, isOn).filter(({ name }) => name === '@nestjs/common' || name === 'log4js')
  expect(found).toMatchObject([
    { status, message: expect.stringContaining(`Nest's own Logger 12.5.1 prints by process.stdout.write`) as unknown },
    { status, message: expect.stringContaining(text) as unknown },
  ])
})

test('what sends the lines of a logger a second time is named', () => {
  install('pino', '10.1.0')
  install('pino-opentelemetry-transport', '2.0.0')
  install('@opentelemetry/instrumentation-pino', '0.60.0')
  const found = checkLoggers(project).filter(({ message }) => message.includes('twice'))
  expect(found.map(({ name, status }) => [name, status])).toEqual([
    ['@opentelemetry/instrumentation-pino', 'note'],
    ['pino-opentelemetry-transport', 'warn'],
  ])
})

test.each([
  ['v22.14.0', 'fail'],
  ['v22.15.0', 'ok'],
  ['v26.10.0', 'ok'],
])('Node %s is %s', (version, status) => {
  expect(checkVersions(version).find(({ name }) => name === 'node')?.status).toBe(status)
})

describe.each(['http/protobuf', 'http/json', 'grpc'] as const)('delivery by %s', (protocol) => {
  test('a test record is sent as the application would, and looked for until the backend shows it', async () => {
    const receiver = protocol === 'grpc' ? await startGrpcReceiver() : await startReceiver()
    let asked = 0
    await using backend = await startFakeBackend({
      logs: () => ({ body: { logs: ++asked < 3 ? [] : [logRow()], next_cursor: null, took_ms: 1 } }),
    })
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
    }
    const ran = await runCli(['doctor', '--json', '--backend', backend.url], { env, cwd: project })
    await receiver.close()
    const result = JSON.parse(ran.out) as { ok: boolean; checks: Check[] }
    const delivery = result.checks.filter(({ name }) => name === 'endpoint' || name === 'read back')
    expect(delivery.map(({ status }) => status)).toEqual(['ok', 'ok'])
    expect(delivery[0]?.message).toContain(`(OTEL_EXPORTER_OTLP_ENDPOINT, ${protocol}, zstd)`)
    const [sent] = receiver.receivedLogs
    expect(sent?.record.body).toBe('test record of tracelog doctor')
    expect(backend.asked.map(({ query }) => query['q'])).toEqual(
      Array.from({ length: 3 }, () => `trace:${sent?.record.traceId}`),
    )
  })
})

describe('settings', () => {
  test('are named with their source: the environment, or a line of a file; what is wrong or left out is told', async () => {
    const receiver = await startReceiver()
    writeFileSync(join(project, 'tracelog.yaml'), 'tracelog:\n  access: errors\n  line: short\n  nonsense: 1\n')
    const exporter = `{otlp_http: {endpoint: "${receiver.url}/v1/logs"}}`
    const text = `file_format: "1.0"\nlogger_provider: {processors: [{batch: {exporter: ${exporter}}}]}\n`
    writeFileSync(join(project, 'otel.yaml'), text)
    const named = { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'key=hunter2' }
    const env = { OTEL_CONFIG_FILE: 'otel.yaml', TRACELOG_RECORDER_LEVEL: 'debug', ...named }
    const { out } = await runCli(['doctor'], { env, cwd: project })
    await receiver.close()
    expect(out).toContain('OTEL_SERVICE_NAME=shop (environment)')
    expect(out).toContain('TRACELOG_ACCESS=errors (tracelog.yaml:2)')
    expect(out).toContain('TRACELOG_RECORDER_LEVEL=debug (environment)')
    expect(out).toMatch(/ok {4}recorder +keeps lines from debug up/)
    expect(out).toContain(`OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=${receiver.url} (otel.yaml:2)`)
    expect(out).toMatch(
      /warn {2}settings +tracelog\.line \(tracelog\.yaml:3\) is "short", but must be one of full, minimal/,
    )
    expect(out).toMatch(/warn {2}settings +not done, and left out: tracelog\.nonsense \(tracelog\.yaml:4\)/)
    expect(out).toContain(`${receiver.url}/v1/logs (otel.yaml:2, http/protobuf) took a test record`)
    expect(out).not.toContain('hunter2')
  })
})

describe('the flight recorder', () => {
  const OURS = { failure: undefined, tellsOfFailures: true }
  const words = (env: Readonly<Record<string, string>>, asked: TestSent = OURS) =>
    checkRecorder(project, readSettings({ env, cwd: project }).recorder, asked).map(
      ({ status, message }) => `${status}: ${message}`,
    )

  test('says what is kept, of how many requests, what sends it, which ways are on, and what is off', () => {
    expect(words({})).toEqual([
      "ok: keeps lines from trace up that no level lets through, of as many requests as 5 % of the event loop's time allows " +
        '(a process says when its share falls; recorder.stats().share), and sends them after an error that nobody caught, ' +
        'a record from error up, a status of 500-599; off: TRACELOG_RECORDER_SLOW_MS, TRACELOG_RECORDER_ABORT, TRACELOG_RECORDER_RATIO',
      'ok: services that trust each other (loopback): who asked hears of a failure by the answer (Tracelog-Dump): on; ' +
        'who is asked later by the request (tracestate): on',
      'ok: who had answered before hears of a failure by tracelog dev: on',
    ])
  })

  test('as it is set', () => {
    const [kept, ways] = words({
      TRACELOG_RECORDER: 'on',
      TRACELOG_RECORDER_LEVEL: 'debug',
      TRACELOG_RECORDER_DUMP_LEVEL: 'off',
      TRACELOG_RECORDER_DUMP_STATUS: '500-502,429',
      TRACELOG_RECORDER_SLOW_MS: '900',
      TRACELOG_RECORDER_ABORT: 'on',
      TRACELOG_RECORDER_RATIO: '0.25',
      TRACELOG_TRUSTED_PEERS: 'api.internal,10.0.0.0/8',
      OTEL_PROPAGATORS: 'b3',
    })
    expect(kept).toBe(
      'ok: keeps lines from debug up that no level lets through, of all requests, and sends them after an error that nobody caught, ' +
        'a status of 500-502, 429, 900 ms, a client that is gone first, a share of 0.25; off: TRACELOG_RECORDER_DUMP_LEVEL',
    )
    expect(ways).toMatch(
      /^warn: services that trust each other \(api\.internal, 10\.0\.0\.0\/8\): .*\(tracestate\): off/,
    )
  })

  test.each([
    [
      {},
      { tellsOfFailures: false },
      'because the endpoint does not say that it is tracelog dev (no header Tracelog-Backend)',
    ],
    [{}, { failure: 'ECONNREFUSED', tellsOfFailures: false }, 'as long as the endpoint does not answer'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { tellsOfFailures: false }, 'because it is not told over gRPC'],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      { failure: 'x', tellsOfFailures: false },
      'because it is not told over gRPC',
    ],
    [
      { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:9/take' },
      { tellsOfFailures: true },
      'because the address of the logs does not end with /v1/logs',
    ],
    [{ OTEL_LOGS_EXPORTER: 'console' }, { tellsOfFailures: true }, 'because logs are not sent over OTLP'],
  ])('why the third way is off: %j %j', (env, asked, why) => {
    const late = words(env, { failure: undefined, ...asked })[2]
    expect(late).toBe(`note: who had answered before hears of a failure by tracelog dev: off, ${why}`)
  })

  test('off is told', () => {
    expect(words({ TRACELOG_RECORDER: 'off' })).toEqual([
      'note: off (TRACELOG_RECORDER=off): of a request that fails, lines below the level are gone',
    ])
  })

  test.each([
    ['off', ['note: bunyan is not heard below its level']],
    ['on', []],
  ])('of bunyan, where it is installed, with TRACELOG_BUNYAN_ALL=%s', (value, expected) => {
    install('bunyan', '1.8.15')
    expect(words({ TRACELOG_BUNYAN_ALL: value }).slice(3)).toEqual(expected)
  })
})

describe('delivery', () => {
  test('an endpoint that nobody listens at fails, says where it came from, and ends with 1', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const ran = await runCli(['doctor'], { env, cwd: project })
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(
      /FAIL {2}endpoint +http:\/\/127\.0\.0\.1:9\/v1\/logs \(OTEL_EXPORTER_OTLP_ENDPOINT, http\/protobuf\)/,
    )
    expect(ran.out).toContain('1 of')
  })

  test('a receiver that refuses fails with its status; one without an API is not asked back', async () => {
    const receiver = await startReceiver()
    receiver.failNext({ status: 401 })
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
    const refused = await runCli(['doctor'], { env, cwd: project })
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('HTTP 401')])
    const taken = await runCli(['doctor'], { env, cwd: project })
    expect(taken.out).toMatch(/note {2}read back +not tried: no backend is running/)
    await receiver.close()
  })

  test('an endpoint of the other protocol is recognised', async () => {
    const http = await startReceiver()
    const grpc = await startGrpcReceiver()
    const asGrpc = { OTEL_EXPORTER_OTLP_ENDPOINT: http.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    expect((await runCli(['doctor'], { env: asGrpc, cwd: project })).out).toContain('OTLP/HTTP seems to listen there')
    const asHttp = { OTEL_EXPORTER_OTLP_ENDPOINT: grpc.url }
    expect((await runCli(['doctor'], { env: asHttp, cwd: project })).out).toContain('OTLP/gRPC seems to listen there')
    await Promise.all([http.close(), grpc.close()])
  })

  test('a setting that breaks its rule is told, and the default is tried as the application does', async () => {
    const receiver = await startReceiver()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' }
    const { out } = await runCli(['doctor'], { env, cwd: project })
    await receiver.close()
    expect(out).toMatch(
      /warn {2}settings +OTEL_EXPORTER_OTLP_PROTOCOL is "thrift", but must be .*: the default is used/,
    )
    expect(out).toContain('(OTEL_EXPORTER_OTLP_ENDPOINT, http/protobuf) took a test record')
  })
})

describe('a record through the preload', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  async function pipelineOf(env: Readonly<Record<string, string>>): Promise<Check | undefined> {
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }
    const { out } = await runCli(['doctor', '--json'], { env: all, cwd: project })
    return (JSON.parse(out) as { checks: Check[] }).checks.find(({ name }) => name === 'pipeline')
  }

  test('says what became of it on every way out, whatever level is set', async () => {
    const file = join(project, 'all.jsonl')
    expect(await pipelineOf({ TRACELOG_LEVEL: 'fatal', TRACELOG_FILE: file })).toEqual({
      name: 'pipeline',
      status: 'ok',
      message:
        'a record through the preload: logs to otlp: 1 emitted = 1 delivered + 0 spooled + 0 queued + 0 dropped; endpoint up. ' +
        'logs to file: 1 emitted = 1 delivered + 0 spooled + 0 queued + 0 dropped; endpoint up',
    })
    expect(receiver.receivedLogs.map(({ record }) => record.body)).toContain(
      'test record of tracelog doctor, through the preload',
    )
    expect(receiver.receivedLogs[1]?.resource['service.name']).toBe('tracelog-doctor')
  })

  test('fails when it was lost, with the reason and what the preload says', async () => {
    // The test record before it is taken.
    receiver.failNext({}, { status: 400 })
    const check = await pipelineOf({})
    expect(check?.status).toBe('fail')
    expect(check?.message).toContain('1 emitted = 0 delivered + 0 spooled + 0 queued + 1 dropped (1 rejected)')
    expect(check?.hint).toContain('tracelog: 1 record dropped (rejected: HTTP 400')
  })

  test.each([
    [{ OTEL_SDK_DISABLED: 'true' }, 'the preload starts nothing here'],
    [{ TRACELOG_LEVEL: 'off' }, 'the level is off here'],
    [{ OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }, 'there is no way out'],
  ])('with %j that is said', async (env, message) => {
    expect(await pipelineOf(env)).toMatchObject({ status: 'warn', message: expect.stringContaining(message) as string })
  })
})
