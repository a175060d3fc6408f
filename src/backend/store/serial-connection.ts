/**
 * A DuckDB connection that does one thing at a time: what is asked meanwhile waits. A transaction is never interleaved.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'

/** Runs statements in order; more than one in one transaction, all or nothing. */
export type RunSql = (...statements: string[]) => Promise<void>

export class SerialConnection {
  readonly #connection: DuckDBConnection
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  readonly run: RunSql = async (...statements) => {
    await this.#exclusively(async () => {
      const [only] = statements
      if (statements.length === 1 && only !== undefined) await this.#connection.run(only)
      else await this.#transaction(statements)
    })
  }

  /** One statement with values. */
  async runWith(statement: string, values: DuckDBValue[]): Promise<void> {
    await this.#exclusively(async () => {
      await this.#connection.run(statement, values)
    })
  }

  /** The rows of one query. */
  async query(statement: string): Promise<readonly (readonly unknown[])[]> {
    return await this.#exclusively(async () => {
      const reader = await this.#connection.runAndReadAll(statement)
      return reader.getRowsJS()
    })
  }

  /** After everything that was asked. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined)
    this.#connection.closeSync()
  }

  async #transaction(statements: readonly string[]): Promise<void> {
    await this.#connection.run('BEGIN')
    try {
      for (const statement of statements) await this.#connection.run(statement)
      await this.#connection.run('COMMIT')
    } catch (error) {
      // A failed COMMIT has ended the transaction already.
      await this.#connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => undefined)
    return await turn
  }
}
