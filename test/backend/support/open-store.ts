/**
 * Opens a store in a process of its own, which is killed before a certain statement of the one transaction that it begins.
 * Arguments: the directory, how many statements come before the kill.
 */
import { DuckDBConnection } from '@duckdb/node-api'

import { Engine } from '../../../src/backend/store/engine.ts'

const [, , directory = '', place = ''] = process.argv
const nothing = (): void => undefined
let left = Number(place)
let isInTransaction = false
// oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
const { run } = DuckDBConnection.prototype
DuckDBConnection.prototype.run = async function (this: DuckDBConnection, sql, ...rest) {
  isInTransaction ||= sql === 'BEGIN'
  if (isInTransaction && left-- === 0) process.kill(process.pid, 'SIGKILL')
  const result = await run.call(this, sql, ...rest)
  if (sql === 'COMMIT') process.kill(process.pid, 'SIGKILL')
  return result
}
await Engine.open(
  { directory },
  { decoded: nothing, committed: nothing, live: nothing, columns: nothing, failed: nothing },
)
