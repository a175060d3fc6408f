/** What configuration files say, as the configuration that comes of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { readAppConfig, type AppConfigResult } from '../../../src/config/app-config.ts'
import { readConfigFiles } from '../../../src/config/file/find-config-files.ts'

const YAML = new URL('../../../dist/yaml.cjs', import.meta.url).pathname
const SIDECAR = new URL('../../fixtures/config/sidecar.yaml', import.meta.url).pathname

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tracelog-config-'))))
afterEach(() => rmSync(folder, { recursive: true }))

type Env = Record<string, string>

function read(env: Env, code: Env = {}): AppConfigResult {
  return readAppConfig(env, { code, files: readConfigFiles({ env, cwd: folder, yamlPath: YAML }) })
}

/** The file `otel.yaml` with this text, after its `file_format`. */
function readOtel(text: string, env: Env = {}): AppConfigResult {
  writeFileSync(join(folder, 'otel.yaml'), `file_format: "1.0"\n${text}`)
  return read({ OTEL_CONFIG_FILE: 'otel.yaml', ...env })
}

function readOwn(text: string, env: Env = {}): AppConfigResult {
  writeFileSync(join(folder, 'tracelog.yaml'), text)
  return read(env)
}

const messages = ({ problems }: AppConfigResult) => problems.map(({ message }) => message)
const leftOut = (result: AppConfigResult) => result.leftOut.map(({ path, file, line }) => `${path} ${file}:${line}`)

describe('OTEL_CONFIG_FILE', () => {
  test.each(['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])('%s names a file, all of which is done', (name) => {
    const result = read({ [name]: SIDECAR, OTEL_RESOURCE_ATTRIBUTES: 'team=blue,deployment.ring=9' })
    expect([messages(result), leftOut(result)]).toEqual([[], []])
    const { config } = result
    expect(config.isDisabled).toBe(false)
    expect(config.resourceAttributes).toEqual({
      'service.name': 'shop',
      'deployment.ring': '9',
      zones: ['a', 'b'],
      team: 'blue',
    })
    expect(config.hops.propagators).toEqual(['tracecontext', 'baggage'])
    expect(config.hops.sampler).toEqual({ name: 'parentbased_traceidratio', ratio: 0.25 })
    expect(config.hops.spanLimits).toEqual({
      attributeCount: 64,
      attributeValueLength: 4096,
      eventCount: 16,
      linkCount: 17,
      attributePerEventCount: 18,
      attributePerLinkCount: 19,
    })
    expect(config.otlp.traces).toMatchObject({
      url: 'http://127.0.0.1:4317/',
      protocol: 'grpc',
      compression: 'gzip',
      timeoutMillis: 2500,
      headers: { tenant: 'shop', 'api-key': 'a key, and more' },
    })
    expect(config.otlp.logs).toMatchObject({
      url: 'https://collector.example:4318/v1/logs',
      protocol: 'http/json',
      timeoutMillis: 2500,
      headers: { tenant: 'shop', 'api-key': 'a key, and more' },
      certificateFile: '/etc/ca.pem',
      clientKeyFile: '/etc/key.pem',
      clientCertificateFile: '/etc/cert.pem',
    })
    expect([config.scheduleDelayMillis, config.maxBatchRecords]).toEqual([150, 100])
    expect(config.destinations).toMatchObject({
      logs: { otlp: true, console: true, file: true },
      traces: { otlp: true, console: false },
      file: { path: '/var/log/shop.jsonl', format: 'otlp' },
    })
    expect(config.levels.file).toEqual({ severity: 9, scopes: [{ prefix: 'db', severity: 5 }] })
    expect([config.capturesConsole, config.queueMaxBytes]).toEqual([false, 1_000_000])
    expect(config.hops.ignorePaths).toEqual(['/health', '/internal/*'])
    expect(config.redaction).toMatchObject({ addedKeys: ['iban'], removedKeys: ['token'] })
    expect(config.redaction.patterns.map(({ source }) => source)).toEqual([
      String.raw`[A-Z]{2},\d{4}`,
      String.raw`secret-\d+`,
    ])
  })

  test('the attributes keep their types; a list of the file is weaker', () => {
    const { config } = read({ OTEL_CONFIG_FILE: SIDECAR })
    expect(config.resourceAttributes).toEqual({ 'service.name': 'shop', 'deployment.ring': 3, zones: ['a', 'b'] })
    const listed = readOtel('resource:\n  attributes_list: "a=1,b=2"\n  attributes: [{name: b, value: x}]')
    expect(listed.config.resourceAttributes).toEqual({ a: '1', b: 'x' })
  })

  test('detectors are those of the file', () => {
    const result = readOtel('resource: {detection/development: {detectors: [{service: }, {host: }, {container: }]}}')
    expect(result.config.resourceDetectors).toEqual(['env', 'serviceinstance', 'host'])
    expect([messages(result), leftOut(result)]).toEqual([
      [],
      ['resource.detection/development.detectors[2] otel.yaml:2'],
    ])
  })

  test('what the file leaves out stays as it is without a file', () => {
    expect(readOtel('resource: {}\n').config).toEqual(readAppConfig({}).config)
  })

  test.each([
    ['tracer_provider: {sampler: {always_off: }}', { name: 'always_off', ratio: 1 }],
    ['tracer_provider: {sampler: {always_on: {}}}', { name: 'always_on', ratio: 1 }],
    ['tracer_provider: {sampler: {trace_id_ratio_based: {ratio: 0.5}}}', { name: 'traceidratio', ratio: 0.5 }],
    [
      'tracer_provider: {sampler: {parent_based: {root: {always_off: }}}}',
      { name: 'parentbased_always_off', ratio: 1 },
    ],
    ['tracer_provider: {sampler: {parent_based: }}', { name: 'parentbased_always_on', ratio: 1 }],
  ])('%s', (text, sampler) => {
    const result = readOtel(text)
    expect(result.config.hops.sampler).toEqual(sampler)
    expect(leftOut(result)).toEqual([])
  })

  test.each([
    ['{endpoint: "db:4317", tls: {insecure: true}}', 'http://db:4317/'],
    ['{endpoint: "db:4317"}', 'https://db:4317/'],
    ['{endpoint: "http://db:4317", tls: {insecure: false}}', 'http://db:4317/'],
    ['', 'http://127.0.0.1:4317/'],
  ])('otlp_grpc: %s goes to %s', (exporter, url) => {
    const result = readOtel(`tracer_provider: {processors: [{batch: {exporter: {otlp_grpc: ${exporter}}}}]}`)
    expect([result.config.otlp.traces.url, messages(result), leftOut(result)]).toEqual([url, [], []])
  })

  test('zipkin, which the release candidates had', () => {
    const exporter = '{zipkin: {endpoint: "http://zipkin:9411/api/v2/spans"}}'
    const { config } = readOtel(`tracer_provider: {processors: [{batch: {exporter: ${exporter}}}]}`)
    expect(config.destinations.zipkin).toEqual({ url: 'http://zipkin:9411/api/v2/spans' })
    expect(config.destinations.traces.otlp).toBe(false)
  })

  test('the release candidates had other names for the files of TLS', () => {
    const tls = '{certificate_file: a, client_key_file: b, client_certificate_file: c}'
    const { config } = readOtel(`logger_provider: {processors: [{batch: {exporter: {otlp_http: {tls: ${tls}}}}}]}`)
    expect(config.otlp.logs).toMatchObject({ certificateFile: 'a', clientKeyFile: 'b', clientCertificateFile: 'c' })
  })

  test('the section tracelog: may also stand below distribution:', () => {
    const result = readOtel('distribution: {tracelog: {access: off}, other: {a: 1}}')
    expect([result.config.hops.access, leftOut(result)]).toEqual(['off', ['distribution.other otel.yaml:2']])
  })

  test('no processors: nothing is sent', () => {
    const { config } = readOtel('logger_provider: {processors: []}')
    expect(config.destinations.logs).toEqual({ otlp: false, console: false, file: false })
    expect(config.destinations.traces.otlp).toBe(true)
  })
})

describe('code is stronger than the environment, which is stronger than files', () => {
  const text =
    'logger_provider: {processors: [{batch: {schedule_delay: 1, exporter: {otlp_http: {endpoint: "http://file:1/v1/logs"}}}}]}'

  test.each([
    [{}, {}, 'http://file:1/v1/logs'],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://env:1/x' }, {}, 'http://env:1/x'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:1' }, {}, 'http://env:1/v1/logs'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, {}, 'http://file:1/v1/logs'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:1' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://code:1' },
      'http://code:1/v1/logs',
    ],
  ])('with %j in the environment and %j in code the endpoint is %3$s', (env: Env, code: Env, url) => {
    writeFileSync(join(folder, 'otel.yaml'), `file_format: "1.0"\n${text}`)
    expect(read({ OTEL_CONFIG_FILE: 'otel.yaml', ...env }, code).config.otlp.logs.url).toBe(url)
  })

  test.each([
    [{ OTEL_BSP_SCHEDULE_DELAY: '7' }, 7],
    [{ OTEL_BLRP_SCHEDULE_DELAY: '8' }, 8],
    [{}, 1],
  ])('with %j a record waits %i ms', (env: Env, millis) => {
    expect(readOtel(text, env).config.scheduleDelayMillis).toBe(millis)
  })

  test('a limit of all attributes in the environment counts before one of spans in the file', () => {
    const limits = 'tracer_provider: {limits: {attribute_count_limit: 5}}'
    expect(readOtel(limits).config.hops.spanLimits.attributeCount).toBe(5)
    expect(readOtel(limits, { OTEL_ATTRIBUTE_COUNT_LIMIT: '6' }).config.hops.spanLimits.attributeCount).toBe(6)
  })

  test('where each setting came from is known', () => {
    writeFileSync(join(folder, 'tracelog.yaml'), 'tracelog:\n  access: errors\n  level: debug\n  line: minimal\n')
    const result = read({ TRACELOG_LINE: 'full', TRACELOG_LEVEL: 'warn', PATH: '/bin' }, { TRACELOG_COMPONENT: 'app' })
    expect(result.settings()).toEqual({
      TRACELOG_ACCESS: { value: 'errors', source: 'tracelog.yaml:2' },
      TRACELOG_LEVEL: { value: 'debug', source: 'tracelog.yaml:3' },
      TRACELOG_LINE: { value: 'full', source: 'environment' },
      TRACELOG_COMPONENT: { value: 'app', source: 'code' },
    })
  })
})

describe('tracelog.yaml', () => {
  test('is read in the working directory, or where TRACELOG_CONFIG says', () => {
    expect(readOwn('tracelog: {level: debug}').config.levels.file).toEqual({ severity: 5, scopes: [] })
    writeFileSync(join(folder, 'other.yml'), 'tracelog: {level: error}')
    expect(read({ TRACELOG_CONFIG: 'other.yml' }).config.levels.file).toEqual({ severity: 17, scopes: [] })
  })

  test('is stronger than the section of OTEL_CONFIG_FILE, setting by setting', () => {
    writeFileSync(join(folder, 'tracelog.yaml'), 'tracelog: {access: off}')
    const { config } = readOtel('tracelog: {access: errors, line: minimal, file: x}')
    expect([config.hops.access, config.destinations.file?.line]).toEqual(['off', 'minimal'])
  })

  test('one file may be both', () => {
    const result = readOtel('disabled: true\ntracelog: {access: off}', { TRACELOG_CONFIG: './otel.yaml' })
    expect([result.config.isDisabled, result.config.hops.access, leftOut(result)]).toEqual([true, 'off', []])
  })

  test('has the section tracelog: alone', () => {
    expect(leftOut(readOwn('resource: {attributes_list: a=b}\ntracelog: {level: debug}'))).toEqual([
      'resource tracelog.yaml:1',
    ])
  })

  test('that is empty says nothing', () => {
    for (const text of ['', '# nothing\n', 'tracelog:\n']) {
      const result = readOwn(text)
      expect([result.config, messages(result), leftOut(result)]).toEqual([readAppConfig({}).config, [], []])
    }
  })
})

describe('what is not done is named with its place', () => {
  test.each([
    [
      'meter_provider:\n  readers: [{pull: {exporter: {prometheus/development: }}}]\n  views: [{a: b}]',
      ['meter_provider otel.yaml:2'],
    ],
    ['meter_provider:\n  exemplar_filter: trace_based', ['meter_provider otel.yaml:2']],
    ['log_level: debug', ['log_level otel.yaml:2']],
    [
      'tracer_provider:\n  processors:\n    - batch:\n        max_queue_size: 1\n        exporter: {console: }',
      ['tracer_provider.processors[0].batch.max_queue_size otel.yaml:5'],
    ],
    ['tracer_provider: {sampler: {jaeger_remote/development: {}}}', ['tracer_provider.sampler otel.yaml:2']],
    [
      'tracer_provider: {sampler: {parent_based: {remote_parent_sampled: {always_off: }}}}',
      ['tracer_provider.sampler.parent_based.remote_parent_sampled otel.yaml:2'],
    ],
    [
      'logger_provider:\n  processors:\n    - batch: {exporter: {otlp_http: {}}}\n    - batch: {exporter: {otlp_http: {}}}',
      ['logger_provider.processors[1] otel.yaml:5'],
    ],
    ['logger_provider: {processors: [{custom: {a: 1}}]}', ['logger_provider.processors[0] otel.yaml:2']],
    [
      'tracer_provider: {processors: [{simple: {exporter: {otlp_file/development: {}}}}]}',
      ['tracer_provider.processors[0] otel.yaml:2'],
    ],
    ['instrumentation/development: {js: {a: 1}}', ['instrumentation/development otel.yaml:2']],
    [
      'tracer_provider: {processors: [{batch: {schedule_delay: 1, exporter: {otlp_http: {}}}}]}\nlogger_provider: {processors: [{batch: {schedule_delay: 2, exporter: {otlp_http: {}}}}]}',
      ['tracer_provider.processors[0].batch.schedule_delay otel.yaml:2'],
    ],
    ['tracelog: {nonsense: 1, level: debug}', ['tracelog.nonsense otel.yaml:2']],
  ])('%s', (text, expected) => {
    const result = readOtel(text)
    expect(leftOut(result)).toEqual(expected)
    expect(messages(result)).toEqual([])
  })

  test('a signal whose only exporter is not done is sent as without a file', () => {
    const { config } = readOtel('logger_provider: {processors: [{batch: {exporter: {kafka: {brokers: x}}}}]}')
    expect(config.destinations.logs.otlp).toBe(true)
  })
})

describe('what is wrong is told with name, value, rule and line, and the rest counts', () => {
  test.each([
    ['tracelog:\n  level: loud', 'tracelog.level (otel.yaml:3) is "loud", but must be one of trace, '],
    [
      'tracelog:\n  queue:\n    max_bytes: 1',
      'tracelog.queue.max_bytes (otel.yaml:4) is "1", but must be a whole number from 65536',
    ],
    ['tracelog: [a]', 'tracelog (otel.yaml:2) is "a list", but must be a mapping'],
    [
      'tracelog:\n  ignore_paths: [{a: b}]',
      'tracelog.ignore_paths[0] (otel.yaml:3) is "a mapping", but must be one value',
    ],
    ['disabled: maybe', 'disabled (otel.yaml:2) is "maybe", but must be one of true, false'],
    [
      'tracer_provider: {sampler: {trace_id_ratio_based: {ratio: 2}}}',
      'tracer_provider.sampler.trace_id_ratio_based.ratio (otel.yaml:2) is "2", but must be a number from 0 to 1',
    ],
    [
      'tracer_provider: {sampler: {always_on: , always_off: }}',
      'tracer_provider.sampler (otel.yaml:2) is "a mapping", but must be a mapping with one sampler',
    ],
    [
      'propagator: {composite: [{jaeger: }]}',
      'propagator.composite (otel.yaml:2) is "jaeger", but must be a comma list of',
    ],
    [
      'resource: {attributes: [{value: x}]}',
      'resource.attributes[0] (otel.yaml:2) is "a mapping", but must be a mapping with name and value',
    ],
    [
      'resource: {attributes: [{name: a, value: x, type: int}]}',
      'resource.attributes[0].value (otel.yaml:2) is "x", but must be of the type int',
    ],
    [
      'resource: {attributes_list: "a"}',
      'resource.attributes_list (otel.yaml:2) is "a", but must be a comma list of key=value pairs',
    ],
    [
      'logger_provider: {processors: {batch: }}',
      'logger_provider.processors (otel.yaml:2) is "a mapping", but must be a list',
    ],
    [
      'logger_provider: {processors: [{batch: {}}]}',
      'logger_provider.processors[0].batch (otel.yaml:2) is "a mapping", but must be a mapping with an exporter',
    ],
    [
      'logger_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: "ftp://x"}}}}]}',
      'logger_provider.processors[0].batch.exporter.otlp_http.endpoint (otel.yaml:2) is "ftp://x", but must be an http:// or https:// URL',
    ],
    [
      'logger_provider: {processors: [{batch: {exporter: {otlp_http: {compression: br}}}}]}',
      'compression (otel.yaml:2) is "br", but must be one of',
    ],
    [
      'logger_provider: {processors: [{batch: {exporter: {otlp_http: {encoding: xml}}}}]}',
      'encoding (otel.yaml:2) is "http/xml", but must be one of',
    ],
  ])('%s', (text, message) => {
    const result = readOtel(`${text}\nresource/more: 1\n`)
    expect(messages(result)).toEqual([expect.stringContaining(message)])
    expect(result.config.destinations.logs.otlp).toBe(true)
  })

  test.each([
    ['a: [1', 'otel.yaml:2 is no YAML: '],
    ['a: 1\na: 2', 'otel.yaml:3 is no YAML: Map keys must be unique'],
    ['disabled: ${1X}', 'otel.yaml:2 is no YAML: ${1X} is no reference'],
    [
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefg'[index]}`).join()}]`)
        .join('\n')}`,
      'otel.yaml:1 is no YAML: more than 20000 values',
    ],
  ])('no YAML: nothing of the file is used (%#)', (text, message) => {
    const result = readOtel(text)
    expect(messages(result)).toEqual([expect.stringContaining(message)])
    expect(result.config).toEqual(readAppConfig({}).config)
  })

  test('secrets of the file are not told', () => {
    const result = readOtel(
      'logger_provider: {processors: [{batch: {exporter: {otlp_http: {headers: "api-key=hunter2"}}}}]}\ntracelog: "password=hunter2"',
    )
    expect(messages(result)).toHaveLength(2)
    expect(messages(result).join()).not.toContain('hunter2')
  })

  test.each(['0.4', '2.0', '"1"', ''])('a file_format %s is told, and only the section tracelog: is read', (format) => {
    writeFileSync(join(folder, 'otel.yaml'), `file_format: ${format}\ndisabled: true\ntracelog: {access: off}`)
    const result = read({ OTEL_CONFIG_FILE: 'otel.yaml' })
    expect(messages(result)).toEqual([
      `file_format (otel.yaml:1) is "${format.replaceAll('"', '')}", but must be 1.x, as "1.0"`,
    ])
    expect([result.config.isDisabled, result.config.hops.access, leftOut(result)]).toEqual([false, 'off', []])
  })

  test.each([
    ['OTEL_CONFIG_FILE', 'gone.yaml', 'OTEL_CONFIG_FILE is "gone.yaml", but must be a file that can be read'],
    ['TRACELOG_CONFIG', '.', 'TRACELOG_CONFIG is ".", but must be a file that can be read, of at most 1 MiB'],
    ['TRACELOG_CONFIG', '/dev/zero', 'TRACELOG_CONFIG is "/dev/zero", but must be a file that can be read'],
    ['TRACELOG_CONFIG', 'a\0b', 'but must be a file that can be read'],
  ])('%s=%j', (name, value, message) => {
    const result = read({ [name]: value })
    expect(messages(result)).toEqual([expect.stringContaining(message)])
    expect(result.config).toEqual(readAppConfig({}).config)
  })

  test('a reader that is missing is told', () => {
    writeFileSync(join(folder, 'tracelog.yaml'), 'tracelog: {level: debug}')
    const { problems, isWhole } = readConfigFiles({ env: {}, cwd: folder, yamlPath: join(folder, 'yaml.cjs') })
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('tracelog.yaml cannot be read: Cannot find module'),
    ])
    expect(isWhole).toBe(false)
  })
})

test('the fixture is a file that the schema of OpenTelemetry takes', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/sdk-node'))
  const { parseConfigFile } = require('@opentelemetry/configuration') as { parseConfigFile: (path: string) => unknown }
  // Their reader does not know the merge key of YAML 1.1, nor our section.
  const text = readFileSync(SIDECAR, 'utf8').replace('            <<: *sidecar\n', '').split('\ntracelog:')[0] ?? ''
  const path = join(folder, 'sidecar.yaml')
  writeFileSync(path, text)
  expect(parseConfigFile(path)).toMatchObject({ tracer_provider: { limits: { event_count_limit: 16 } } })
})
