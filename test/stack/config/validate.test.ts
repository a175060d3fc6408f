/** Each file of collector/ is accepted by the program that it is for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { runToEnd } from '../../support/servers/server-process.ts'

/** What `otelcol validate` gets: a role alone, or with the files that are merged over it. */
const ROLES: readonly (readonly string[])[] = [
  ['standalone.yaml'],
  ['standalone.yaml', 'metrics.yaml'],
  ['standalone.yaml', 'selflogs.yaml'],
  ['standalone.yaml', 'receivers/nginx.yaml'],
  ['standalone.yaml', 'receivers/nginx-spans.yaml'],
  ['standalone.yaml', 'receivers/haproxy.yaml'],
  ['agent.yaml'],
  ['agent.yaml', 'selflogs.yaml'],
  ['gateway.yaml'],
  ['gateway.yaml', 'metrics.yaml'],
  ['gateway.yaml', 'metrics.yaml', 'selflogs.yaml'],
]

requireServers('otelcol').for(ROLES.map((files) => ({ name: files.join(' + '), files })))(
  'otelcol validate $name',
  async ({ files }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-validate-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const configs = files.flatMap((file) => ['--config', join(COLLECTOR_FOLDER, file)])
    const env = {
      TRACELOG_DATA: folder,
      TRACELOG_AGGREGATE: join(folder, 'logs.jsonl'),
      ...(files[0] === 'agent.yaml' && { TRACELOG_SELF_EXPORTER: 'otlp_http/gateway' }),
    }
    expect(await runToEnd(findServer('otelcol')!, ['validate', ...configs], env)).toMatchObject({ code: 0 })
  },
)

requireServers('loki')('loki -verify-config', async () => {
  const args = [`-config.file=${join(COLLECTOR_FOLDER, 'loki.yaml')}`, '-config.expand-env=true', '-verify-config']
  expect(await runToEnd(findServer('loki')!, args)).toMatchObject({ code: 0 })
})

requireServers('tempo')('tempo -config.verify', async () => {
  const args = [
    `-config.file=${join(COLLECTOR_FOLDER, 'tempo.yaml')}`,
    '-config.expand-env=true',
    '-config.verify=true',
  ]
  expect(await runToEnd(findServer('tempo')!, args)).toMatchObject({ code: 0 })
})
