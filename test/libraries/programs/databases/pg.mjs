import pg from 'pg'

import runPg from './pg-cases.cjs'

const streams = await Promise.all([import('pg-cursor'), import('pg-query-stream')]).then(
  ([{ default: Cursor }, { default: QueryStream }]) => ({ Cursor, QueryStream }),
  () => undefined,
)
await runPg(pg, streams)
