/**
 * A backend with the DuckDB store as a process of its own, for tests that kill it. Speaks through the fork's channel.
 */
import { join } from 'node:path'

import { startBackendWith } from '../../../src/backend/backend.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'

const dataDirectory = process.argv[2] ?? ''
const store = createDuckdbStore({ directory: join(dataDirectory, 'store') })
const backend = await startBackendWith(
  // Nobody asks over HTTP here.
  () => ({ store, query: {} as Query }),
  {
    dataDirectory,
    host: '127.0.0.1',
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    apiPort: 0,
    token: undefined,
    fsync: 'each',
    allowedHosts: [],
    rebuild: false,
  },
)
process.send?.(backend.ready)
process.on('message', (order) => {
  void obey(String(order))
})

async function obey(order: string): Promise<void> {
  if (order === 'stop') {
    await backend.stop()
    process.disconnect()
    return
  }
  await store.flush()
  const { rows } = await store.readUser('select body from logs', { maxRows: 10_000_000 })
  process.send?.(rows.map(([body]) => body))
}
