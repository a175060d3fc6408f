/** A real Collector forwards to this backend, as a sidecar does: over both protocols, in every compression that both know. */
import { expect } from 'vitest'

import { fixture } from '../../support/child.ts'
import { sendLogs } from '../../support/otlp-send.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTestBackend, temporaryDirectory } from '../support/backend.ts'

requireServers('otelcol').each(['none', 'gzip', 'zstd'])(
  'a Collector whose exporters say "compression: %s" is understood over gRPC and over HTTP',
  async (compression) => {
    const { ready, stages } = await startTestBackend()
    const collector = await startOtelcol({
      configs: [fixture('collector/forward.yaml')],
      folder: temporaryDirectory(),
      env: {
        FORWARD_GRPC: ready.otlp_grpc,
        FORWARD_HTTP: ready.otlp_http,
        FORWARD_COMPRESSION: compression,
      },
    })
    const bodies = Array.from({ length: 500 }, (_, index) => `record ${index}`)
    await sendLogs(
      bodies.map((body) => ({ body })),
      { url: collector.httpUrl },
    )
    // Both exporters send the same: every record comes twice.
    await expect.poll(() => stages.bodies().length, { timeout: 20_000 }).toBe(2 * bodies.length)
    await collector.stop()
    expect(new Set(stages.bodies())).toEqual(new Set(bodies))
  },
)
