/**
 * Which databases are heard, by which of their files and channels? In the start's bundle; what is done with them is in a chunk.
 */
import type { Instrumentation } from '../instrumentation.ts'
import { libraryInstrumentation } from '../library-instrumentation.ts'
import type { PackageFile } from '../package-files.ts'
import type { DatabaseSettings } from './database-options.ts'
import { createMongodbHook, type MongodbFile } from './mongodb.ts'
import { createMysql2Hook } from './mysql2.ts'
import { createPgHook, type PgFile } from './pg.ts'

const PG_FILES: readonly PgFile[] = [
  { package: 'pg', file: 'lib/client.js', part: 'client' },
  { package: 'pg', file: 'lib/query.js', part: 'query' },
  { package: 'pg', file: 'lib/connection.js', part: 'connection' },
  { package: 'pg-protocol', file: 'dist/messages.js', part: 'protocol' },
  { package: 'pg-pool', part: 'pool' },
  { package: 'pg-cursor', part: 'cursor' },
]

/** In every version; those before 3.20.0 are known by what does not lie beside it. */
const MYSQL2_FILES: readonly PackageFile[] = [{ package: 'mysql2', file: 'lib/connection.js' }]
const MYSQL2_CHANNELS: readonly string[] = [
  ...['query', 'execute'].flatMap((name) => ['start', 'asyncStart', 'error'].map((event) => `${name}:${event}`)),
  'pool:connect:start',
  'connect:start',
  'connect:error',
].map((event) => `tracing:mysql2:${event}`)

const MONGODB_FILES: readonly MongodbFile[] = [
  { package: 'mongodb', file: 'lib/cmap/command_monitoring_events.js', part: 'events' },
  { package: 'mongodb', file: 'lib/cmap/connection.js', part: 'connection' },
  { package: 'mongodb', file: 'lib/cmap/connection_pool.js', part: 'pool' },
]

export function createDatabaseInstrumentations(settings: DatabaseSettings): readonly Instrumentation[] {
  return [
    libraryInstrumentation({ name: 'pg', files: PG_FILES, open: () => createPgHook(settings) }),
    libraryInstrumentation({
      name: 'mysql2',
      files: MYSQL2_FILES,
      channels: MYSQL2_CHANNELS,
      open: () => createMysql2Hook(settings),
    }),
    libraryInstrumentation({ name: 'mongodb', files: MONGODB_FILES, open: () => createMongodbHook(settings) }),
  ]
}
