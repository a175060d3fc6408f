/**
 * The contract of sources, for the local backend.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startBackend } from '../../src/backend/start.ts'
import { createLocalSource } from '../../src/sources/local.ts'
import { testConfig } from '../backend/support/backend.ts'
import { sourceContract } from '../contract/source.contract.ts'

sourceContract(
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-source-'))
    const backend = await startBackend(testConfig(folder))
    const { api, token, otlp_http: otlpUrl } = backend.ready
    return {
      source: createLocalSource({ api, token }),
      otlpUrl,
      async stop() {
        await backend.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
  { runs: 100, patience: 10_000 },
)
