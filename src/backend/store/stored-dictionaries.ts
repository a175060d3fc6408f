/**
 * The store's three dictionaries: resources, scopes, and the services of the resources. New entries are written to memory here
 * (`save`), and to the file by the next roll.
 */
import type { Database, StoredState } from './database.ts'
import { Dictionary } from './dictionary.ts'
import type { DictionarySizes } from './roller.ts'

export class StoredDictionaries {
  readonly #resources = new Dictionary('resource')
  readonly #scopes = new Dictionary('scope')
  /** In the order in which they were first seen: a service's place is its number. */
  readonly #services: Set<string>

  constructor({ resources, scopes, services }: StoredState) {
    for (const [id, bytes] of resources) this.#resources.restore(id, bytes)
    for (const [id, bytes] of scopes) this.#scopes.restore(id, bytes)
    this.#services = new Set(services)
  }

  get sizes(): DictionarySizes {
    return { resources: this.#resources.size, scopes: this.#scopes.size, services: this.#services.size }
  }

  resource(bytes: Buffer): number {
    return this.#resources.numberOf(bytes)
  }

  scope(bytes: Buffer): number {
    return this.#scopes.numberOf(bytes)
  }

  /** Writes the new entries to memory: before the rows that use them become visible. */
  async save({ definitions, duckdb }: Database): Promise<void> {
    for (const [table, dictionary] of [
      ['resources', this.#resources],
      ['scopes', this.#scopes],
    ] as const) {
      for (const { id, name, detail, attributes, bytes } of dictionary.takeNew()) {
        const values = [id, name, detail, attributes, duckdb.api.blobValue(bytes)]
        await definitions.runWith(`INSERT INTO live.${table} VALUES (?, ?, ?, ?, ?)`, values)
        if (table === 'scopes' || this.#services.has(name)) continue
        await definitions.runWith('INSERT INTO live.services VALUES (?, ?)', [this.#services.size, name])
        this.#services.add(name)
      }
    }
  }
}
