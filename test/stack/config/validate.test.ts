/** Each file of collector/, alone and as compose merges it, is accepted by the program that it is for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { composeWith, configFilesOf, overlayCombinations, ROOT } from '../../support/compose.ts'
import { requireProgram } from '../../support/require.ts'
import { lokiArguments } from '../../support/servers/loki.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { runToEnd } from '../../support/servers/server-process.ts'
import { tempoArguments } from '../../support/servers/tempo.ts'

/** Below collector/: a role alone, or with the files that are merged over it. */
const ROLES: readonly (readonly string[])[] = [
  ['standalone.yaml'],
  ['standalone.yaml', 'none.yaml'],
  ['standalone.yaml', 'secure-standalone.yaml'],
  ['standalone.yaml', 'receivers/nginx.yaml', 'receivers/haproxy.yaml', 'receivers/caddy.yaml', 'lb-spans.yaml'],
  ['agent.yaml', 'receivers/haproxy.yaml', 'lb-spans.yaml'],
  ['gateway.yaml', 'receivers/haproxy.yaml', 'lb-spans.yaml'],
  ['agent.yaml'],
  ['agent.yaml', 'selflogs.yaml'],
  ['agent.yaml', 'secure-agent.yaml'],
  ['agent.yaml', 'kafka-agent.yaml'],
  ['gateway.yaml'],
  ['gateway-balancer.yaml'],
  ['gateway-balancer.yaml', 'gateway-balancer-dns.yaml'],
  ['gateway.yaml', 'metrics.yaml'],
  ['gateway.yaml', 'metrics.yaml', 'selflogs.yaml', 'secure-gateway.yaml'],
  ['gateway.yaml', 'secure-gateway.yaml'],
  ['gateway.yaml', 'kafka-gateway.yaml'],
  ['gateway.yaml', 'kafka-gateway.yaml', 'metrics.yaml', 'selflogs.yaml'],
]

/** Every Collector of every combination of compose.*.yaml. */
const composed = overlayCombinations().flatMap((overlays) => {
  const { collector, agent } = composeWith(overlays).services
  const name = `compose: ${overlays.join(' + ') || 'no overlay'}`
  const agents = agent === undefined ? [] : [{ name: `${name}, agent`, files: configFilesOf(agent) }]
  return [{ name, files: configFilesOf(collector!) }, ...agents]
})

const cases = [
  ...ROLES.map((files) => ({ name: files.join(' + '), files: files.map((file) => join(COLLECTOR_FOLDER, file)) })),
  ...composed.map(({ name, files }) => ({ name, files: files.map((file) => join(ROOT, file)) })),
]

requireServers('otelcol').for(cases)('otelcol validate $name', async ({ files }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-validate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = {
    TRACELOG_DATA: folder,
    TRACELOG_AGGREGATE: join(folder, 'logs.jsonl'),
    ...(files[0]!.endsWith('/agent.yaml') && { TRACELOG_SELF_EXPORTER: agentExporter(files) }),
  }
  const configs = files.flatMap((file) => ['--config', file])
  expect(await runToEnd(findServer('otelcol')!, ['validate', ...configs], env)).toEqual({ code: 0, said: '' })
})

function agentExporter(files: readonly string[]): string {
  return files.some((file) => file.endsWith('kafka-agent.yaml')) ? 'kafka' : 'otlp_http/gateway'
}

requireServers('loki')('loki -verify-config', async () => {
  const args = [...lokiArguments(join(COLLECTOR_FOLDER, 'loki.yaml')), '-verify-config']
  expect(await runToEnd(findServer('loki')!, args)).toMatchObject({ code: 0 })
})

requireServers('tempo')('tempo -config.verify', async () => {
  const args = [...tempoArguments(join(COLLECTOR_FOLDER, 'tempo.yaml')), '-config.verify=true']
  expect(await runToEnd(findServer('tempo')!, args)).toMatchObject({ code: 0 })
})

requireProgram('promtool')('promtool check config', async () => {
  const { code, said } = await runToEnd('promtool', ['check', 'config', join(COLLECTOR_FOLDER, 'prometheus.yaml')])
  expect({ code, said }).toMatchObject({ code: 0 })
})
