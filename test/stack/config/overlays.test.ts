/** All overlays of compose at once, started and not only validated: the Collector that `tracelog stack up --with …` means. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { makeCertificates } from '../../support/certificates.ts'
import { readCollectorFile } from '../../support/collector-config.ts'
import { composeWith, configFilesOf, OVERLAYS, ROOT } from '../../support/compose.ts'
import { startReceiver } from '../../support/receiver.ts'
import { hasProgram, requireThat } from '../../support/require.ts'
import { freePorts } from '../../support/servers/free-port.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'

requireThat(findServer('otelcol') !== undefined && hasProgram('openssl'), 'needs otelcol and openssl')(
  'with every overlay but Kafka: files are read, OTLP is secured, its own lines and metrics come out',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-overlays-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const { cert, key } = makeCertificates(folder)
    const [metrics, haproxy, batched] = await freePorts(3)
    const nginxLog = join(folder, 'nginx', 'tracelog.json')
    mkdirSync(join(folder, 'nginx'))
    appendFileSync(join(folder, 'token'), 'open-sesame')
    const service = composeWith(OVERLAYS.filter((name) => name !== 'kafka')).services['collector']!
    const collector = await startOtelcol({
      configs: configFilesOf(service).map((file) => join(ROOT, file)),
      folder: join(folder, 'otelcol'),
      env: {
        TRACELOG_LOKI: receiver.url,
        TRACELOG_TEMPO: receiver.url,
        TRACELOG_LB_SPANS: receiver.url,
        TRACELOG_PROM: `127.0.0.1:${metrics}`,
        TRACELOG_NGINX_LOG: nginxLog,
        TRACELOG_NGINX_SPANS: join(folder, 'nginx', 'spans.json'),
        TRACELOG_HAPROXY_LISTEN: `127.0.0.1:${haproxy}`,
        TRACELOG_BATCHED: `127.0.0.1:${batched}`,
        TRACELOG_TLS_CERT: cert,
        TRACELOG_TLS_KEY: key,
        TRACELOG_TOKEN_FILE: join(folder, 'token'),
      },
    })
    onTestFinished(() => collector.stop())

    appendFileSync(nginxLog, 'a line that nginx did not write\n')
    const hasArrived = (text: string): boolean => receiver.receivedLogs.some(({ record }) => record.body === text)
    await receiver.until('the line of the file', () => hasArrived('a line that nginx did not write'), 30_000)
    await receiver.until('a line of its own', () =>
      hasArrived('Everything is ready. Begin running and processing data.'),
    )
    const own = receiver.receivedLogs.find(({ resource }) => resource['service.name'] === 'otelcol')
    expect(own!.resource).toHaveProperty(['service.version'])
    expect((await fetch(`${collector.httpUrl}/v1/logs`, { method: 'POST', body: '{}' })).status).toBe(400)
    expect((await fetch(`http://127.0.0.1:${metrics}/metrics`)).status).toBe(200)
    expect(await (await fetch(collector.metricsUrl)).text()).toContain('otelcol_exporter_queue_capacity')
  },
)

test('what a receiver listens on is loopback, unless told otherwise', () => {
  const receivers = readdirSync(join(ROOT, 'collector/receivers')).map((name) => readCollectorFile(`receivers/${name}`))
  const opened = receivers.flatMap((text) => [
    ...text.matchAll(/(?:listen_address|endpoint): '\$\{env:\w+:-([^}]+)\}'/g),
  ])
  expect(opened.map(([, address]) => address).filter((address) => !address!.startsWith('127.0.0.1:'))).toEqual([])
  expect(opened.length).toBeGreaterThan(2)
})
