/**
 * standalone.yaml, gateway.yaml and agent.yaml are whole roles, so the same blocks stand in each: here they cannot drift.
 *
 * Why copies: a role is one file that is copied to a host, into a ConfigMap, checked with `otelcol validate --config`. The
 * Collector could merge `--config common.yaml --config gateway.yaml`, but who forgets the first one has a gateway that
 * redacts nothing.
 */
import { expect, test } from 'vitest'

import { readConfig, type CollectorConfig } from '../../support/collector-config.ts'

const standalone = readConfig('standalone.yaml')
const gateway = readConfig('gateway.yaml')
const agent = readConfig('agent.yaml')

/** Addresses differ by role: a gateway's senders are on other machines. */
function withoutAddresses(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/:-(?:127\.0\.0\.1|0\.0\.0\.0)/g, ':-'))
}

test.each<[string, (config: CollectorConfig) => unknown, readonly CollectorConfig[]]>([
  ['the queue on disk', (config) => config.extensions['file_storage/queue'], [standalone, gateway, agent]],
  ['the offsets of files', (config) => config.extensions['file_storage/offsets'], [standalone, agent]],
  ['the health check', (config) => config.extensions['health_check'], [standalone, gateway, agent]],
  ['the OTLP receiver', (config) => config.receivers['otlp'], [standalone, gateway, agent]],
  ['the memory limit', (config) => config.processors['memory_limiter'], [standalone, gateway, agent]],
  ['redaction', (config) => config.processors['redaction'], [standalone, gateway, agent]],
  ['normalising', (config) => config.processors['transform/normalize'], [standalone, gateway]],
  ['all destinations', (config) => config.exporters, [standalone, gateway]],
  ['its own metrics', (config) => config.service.telemetry, [standalone, gateway, agent]],
])('%s: the same in each role', (_name, pick, roles) => {
  const [first, ...others] = roles.map((role) => withoutAddresses(pick(role)))
  expect(first).toBeTypeOf('object')
  for (const other of others) expect(other).toEqual(first)
})

test('the agent sends to its gateway as the gateway sends to Loki: the same queue, the same retries', () => {
  const { endpoint: _to, ...toGateway } = agent.exporters['otlp_http/gateway']!
  const { endpoint: _loki, headers: _tenant, ...toLoki } = gateway.exporters['otlp_http/loki']!
  expect(toGateway).toEqual(toLoki)
})

test.each([
  ['standalone', standalone],
  ['gateway', gateway],
  ['agent', agent],
])('%s: each exporter over the network has its own persistent queue and never gives up', (_name, config) => {
  for (const [name, exporter] of Object.entries(config.exporters)) {
    if (!name.startsWith('otlp_')) continue
    expect(exporter, name).toMatchObject({
      retry_on_failure: { enabled: true, max_elapsed_time: 0 },
      sending_queue: { enabled: true, storage: 'file_storage/queue', block_on_overflow: false },
    })
  }
})

test.each([
  ['standalone', standalone],
  ['gateway', gateway],
  ['agent', agent],
])(
  '%s: each pipeline begins with the memory limit, hides secrets and holds nothing back in memory',
  (_name, config) => {
    for (const { processors } of Object.values(config.service.pipelines)) {
      expect(processors[0]).toBe('memory_limiter')
      expect(processors).toContain('redaction')
      expect(processors.filter((name) => /^batch\b/.test(name))).toEqual([])
    }
  },
)
