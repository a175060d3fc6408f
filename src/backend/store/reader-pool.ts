/**
 * Connections for questions: several at a time, each read-only, each interrupted when it takes too long.
 *
 * Invariant: a question is planned and run in one transaction, whose snapshot of `live` is older than its snapshot of `store`.
 * A roll commits to `store` first and empties its hot table in `live` afterwards, so either the file has its rows already, and
 * the view hides them in memory, or memory still has them: each row once. Left to itself DuckDB takes the two snapshots when it
 * first needs them, and plans in a transaction of its own: what was an empty table then is not read at all, although a roll
 * has filled it since (test/backend/store/snapshot.test.ts).
 */
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResultReader } from '@duckdb/node-api'

import { TracelogError } from '../../diag/errors.ts'
import type { Database } from './database.ts'
import type { DuckdbBindings } from './duckdb-module.ts'
import { readBlock } from './read-block.ts'
import type { RowBlock } from './row-blocks.ts'
import { rowsSql, type RowsSql } from './rows-sql.ts'
import { toSqlValue } from './sql-value.ts'
import type { ReadOptions, ReadResult, RowsQuestion, SqlParameter, SqlValue } from './store.ts'
import type { Signal } from '../../model/signal.ts'

/** Questions at a time; more wait. */
const CONNECTIONS = 4
const DEFAULT_TIMEOUT_MILLIS = 10_000
const DEFAULT_MAX_ROWS = 100_000
/**
 * Connections wait with a transaction begun: it has no snapshot before its first statement. Our own questions name views of `live`,
 * so that is where their first one is taken; a user's may name tables of `store` first, and `now()` is when its transaction began.
 */
const BEGIN = 'BEGIN TRANSACTION READ ONLY'
const BEGIN_AGAIN = `ROLLBACK; ${BEGIN}`
/** Any table of `live` will do: its rows are not read. */
const BEGIN_IN_LIVE = `${BEGIN_AGAIN}; SELECT id FROM live.scopes LIMIT 0`
/** DuckDB's number for SELECT (also what SHOW, DESCRIBE and PRAGMA that read become). */
const STATEMENT_SELECT = 1

export class ReaderPool {
  readonly #database: Database
  readonly #hotTables: (question: RowsQuestion) => readonly string[]
  readonly #idle: DuckDBConnection[] = []
  readonly #all: DuckDBConnection[] = []
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = []
  #opening = 0

  /** @param hotTables  which tables in memory may hold rows of an answer */
  constructor(database: Database, hotTables: (question: RowsQuestion) => readonly string[]) {
    this.#database = database
    this.#hotTables = hotTables
  }

  /** A question of ours: one SELECT. */
  async read(sql: string, parameters: readonly SqlParameter[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    return await this.#withConnection(async (connection) => {
      return await ask(connection, { sql, parameters, options })
    })
  }

  /**
   * Rows of one signal. A table that was empty before the snapshots were taken had no row that the answer must have: since then
   * its rows have come, or gone into the file.
   */
  async readRows(question: RowsQuestion, options: ReadOptions = {}): Promise<RowBlock[]> {
    const { bindings } = this.#database.duckdb
    return await this.#withConnection(async (connection) => {
      const hotTables = this.#hotTables(question)
      const nextRow = hotTables.length === 0 ? 0n : await nextRowOf(connection, question.signal)
      const statement = await prepare(connection, rowsSql(question, hotTables, nextRow))
      return await run(connection, statement, options, async () => await readBlocks(bindings, statement))
    })
  }

  /** A user's question: checked to be exactly one SELECT. */
  async readUser(sql: string, options: ReadOptions = {}): Promise<ReadResult> {
    return await this.#withConnection(async (connection) => {
      await connection.run(BEGIN_IN_LIVE)
      const statement = await prepareUser(connection, sql)
      try {
        return await readResult(connection, statement, options)
      } catch (error) {
        throw explain(error)
      }
    })
  }

  async close(): Promise<void> {
    for (const connection of this.#all) connection.interrupt()
    while (this.#idle.length + this.#opening < this.#all.length) await new Promise((resolve) => setImmediate(resolve))
    for (const connection of this.#all.splice(0)) connection.closeSync()
    this.#idle.length = 0
  }

  async #withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#take()
    try {
      return await work(connection)
    } finally {
      // The answer does not wait for it.
      void this.#giveBack(connection)
    }
  }

  async #giveBack(connection: DuckDBConnection): Promise<void> {
    await connection.run(BEGIN_AGAIN).catch(() => undefined)
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next(connection)
  }

  async #take(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#all.length + this.#opening >= CONNECTIONS) {
      return await new Promise((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    this.#opening++
    try {
      const connection = await this.#database.instance.connect()
      await connection.run(`USE live; ${BEGIN}`)
      this.#all.push(connection)
      return connection
    } finally {
      this.#opening--
    }
  }
}

interface Asked extends RowsSql {
  readonly options: ReadOptions
}

async function ask(connection: DuckDBConnection, { sql, parameters, options }: Asked): Promise<ReadResult> {
  return await readResult(connection, await prepare(connection, { sql, parameters }), options)
}

async function prepare(connection: DuckDBConnection, { sql, parameters }: RowsSql): Promise<DuckDBPreparedStatement> {
  const statement = await connection.prepare(sql)
  parameters.forEach((value, i) => bind(statement, i + 1, value))
  return statement
}

/** How many rows of the signal the file has in this transaction. Its snapshot of memory is taken before. */
async function nextRowOf(connection: DuckDBConnection, signal: Signal): Promise<bigint> {
  const sql = `SELECT next_row FROM live.rolled WHERE signal = '${signal}'`
  const { rows } = await ask(connection, { sql, parameters: [], options: {} })
  return rows[0]?.[0] as bigint
}

function bind(statement: DuckDBPreparedStatement, index: number, value: SqlParameter): void {
  if (value === null) statement.bindNull(index)
  else if (typeof value === 'string') statement.bindVarchar(index, value)
  else if (typeof value === 'boolean') statement.bindBoolean(index, value)
  else if (typeof value === 'bigint') statement.bindBigInt(index, value)
  else if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value))
  else statement.bindDouble(index, value)
}

async function prepareUser(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  try {
    const statements = await connection.extractStatements(sql)
    if (statements.count !== 1) throw refused(`the text holds ${statements.count} statements`)
    const statement = await statements.prepare(0)
    const type: number = statement.statementType
    if (type !== STATEMENT_SELECT) throw refused('the statement is no SELECT')
    return statement
  } catch (error) {
    throw explain(error)
  }
}

async function readResult(
  connection: DuckDBConnection,
  statement: DuckDBPreparedStatement,
  options: ReadOptions,
): Promise<ReadResult> {
  const { maxRows = DEFAULT_MAX_ROWS } = options
  return await run(connection, statement, options, async () =>
    toResult(await statement.streamAndReadUntil(maxRows + 1), maxRows),
  )
}

/** @param askAndRead  reads the answer, streamed: an unbounded question does not become an unbounded result in memory */
async function run<T>(
  connection: DuckDBConnection,
  statement: DuckDBPreparedStatement,
  { timeoutMillis = DEFAULT_TIMEOUT_MILLIS }: ReadOptions,
  askAndRead: () => Promise<T>,
): Promise<T> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    connection.interrupt()
  }, timeoutMillis)
  try {
    return await askAndRead()
  } catch (error) {
    if (!isLate) throw error
    throw new TracelogError(`The query ran longer than ${timeoutMillis} ms, but must end within that time`, {
      code: 'TRACELOG_QUERY_TIMEOUT',
      hint: 'Narrow it with since:, a service or a trace id.',
      cause: error,
    })
  } finally {
    clearTimeout(timer)
    statement.destroySync()
  }
}

async function readBlocks(bindings: DuckdbBindings, statement: DuckDBPreparedStatement): Promise<RowBlock[]> {
  const result = await statement.stream()
  const types = result.columnTypes().map(String)
  const blocks: RowBlock[] = []
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- DuckDB hands out one chunk after the other
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return blocks
    blocks.push(readBlock(bindings, chunk, types))
  }
}

function toResult(reader: DuckDBResultReader, maxRows: number): ReadResult {
  const names = reader.columnNames()
  const types = reader.columnTypes()
  const rows = reader.getRows().slice(0, maxRows)
  return {
    columns: names.map((name, i) => ({ name, type: String(types[i]) })),
    rows: rows.map((row): SqlValue[] => row.map(toSqlValue)),
    truncated: reader.currentRowCount > maxRows,
  }
}

function refused(reason: string): TracelogError {
  return new TracelogError(`The SQL was refused because ${reason}, but must be exactly one SELECT`, {
    code: 'TRACELOG_QUERY_SYNTAX',
    hint: 'Ask one SELECT over the views logs, spans and traces.',
  })
}

/** DuckDB's own words are the best explanation of what is wrong with a user's SQL. */
function explain(error: unknown): unknown {
  if (error instanceof TracelogError) return error
  return new TracelogError(error instanceof Error ? error.message : String(error), {
    code: 'TRACELOG_QUERY_SYNTAX',
    hint: 'Correct the SQL; the views logs, spans and traces and their columns are listed by "tracelog sql --help".',
    cause: error,
  })
}
