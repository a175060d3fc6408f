/**
 * One Collector, one Loki and one Tempo, as compose starts them: shared by all tests of a file.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createLokiSource } from '../../../src/sources/loki.ts'
import type { LogSource } from '../../../src/sources/log-source.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'

export interface RunningStack {
  readonly loki: Loki
  readonly tempo: Tempo
  readonly collector: Otelcol
  readonly source: LogSource
  /** For files of the test. */
  readonly folder: string
  stop(): Promise<void>
}

export async function startStack(): Promise<RunningStack> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-stack-'))
  const [loki, tempo] = await Promise.all([startLoki(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
  const collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, 'otelcol'),
    env: { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl },
  })
  return {
    loki,
    tempo,
    collector,
    folder,
    source: createLokiSource({ lokiUrl: loki.url, tempoUrl: tempo.url, headers: {} }),
    async stop() {
      await collector.stop() // first: it would wait for a Loki that is gone
      await Promise.all([loki.kill(), tempo.kill()]) // nothing of theirs is read again
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
