/**
 * Commits rolls to the file, one after the other, beside the engine's pump: a hot table's rows, the dictionary entries that they
 * use and how far the signal has come, in one transaction.
 *
 * A roll that fails (a full disk) is tried until it works, or until the store stops: its rows are in memory, and in the journal.
 */
import type { SerialConnection } from './serial-connection.ts'
import type { BegunRoll } from './signal-table.ts'
import type { Signal } from '../../model/signal.ts'

/** Between two tries. Milliseconds. */
const RETRY_MILLIS = 1_000

/** How many entries the dictionaries have: those below are known. */
export interface DictionarySizes {
  readonly resources: number
  readonly scopes: number
  readonly services: number
}

export interface RollerOptions {
  /** Used by nobody else. */
  readonly connection: SerialConnection
  /** Entries that the file has already. */
  readonly saved: DictionarySizes
  /** A roll is in the file. */
  committed(signal: Signal, roll: BegunRoll): void
  failed(error: unknown): void
}

export class Roller {
  readonly #options: RollerOptions
  #saved: DictionarySizes
  #last: Promise<void> = Promise.resolve()
  #isStopping = false
  failedRolls = 0

  constructor(options: RollerOptions) {
    this.#options = options
    this.#saved = options.saved
  }

  /** Resolves when the roll is in the file. @throws when the store stops before that */
  async roll(signal: Signal, roll: BegunRoll, known: DictionarySizes): Promise<void> {
    this.#last = this.#last.then(async () => await this.#commit(signal, roll, known))
    await this.#last
  }

  /** From now on each roll is tried once, and none after one that failed. */
  stop(): void {
    this.#isStopping = true
  }

  /** Resolves when all rolls that were begun are in the file. @throws as `roll` */
  async finished(): Promise<void> {
    await this.#last
  }

  async #commit(signal: Signal, roll: BegunRoll, known: DictionarySizes): Promise<void> {
    const statements = [
      ...roll.statements,
      copyEntries('resource', this.#saved.resources, known.resources),
      copyEntries('scope', this.#saved.scopes, known.scopes),
      copyEntries('service', this.#saved.services, known.services),
      updatePosition(signal, roll),
    ]
    for (let error = await this.#try(statements); error !== undefined; error = await this.#try(statements)) {
      if (this.#isStopping) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS))
    }
    this.#saved = known
    this.#options.committed(signal, roll)
  }

  /** @returns what went wrong */
  async #try(statements: readonly string[]): Promise<Error | undefined> {
    try {
      await this.#options.connection.run(...statements)
      return undefined
    } catch (error) {
      this.failedRolls++
      this.#options.failed(error)
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

function copyEntries(table: 'resource' | 'scope' | 'service', from: number, to: number): string {
  return `INSERT INTO store.${table} SELECT * FROM live.${table}s WHERE id >= ${from} AND id < ${to}`
}

function updatePosition(signal: Signal, { position }: BegunRoll): string {
  const { sequence, partialSequence, partialRows, nextRow } = position
  return `UPDATE store.rolled SET seq = ${sequence}, partial_seq = ${partialSequence},
    partial_rows = ${partialRows}, next_row = ${nextRow} WHERE signal = '${signal}'`
}
