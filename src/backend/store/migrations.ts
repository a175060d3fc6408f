/**
 * How a file of an older version becomes one of this version.
 *
 * All statements run in one transaction: a process that dies meanwhile leaves the file as it was, and the next start begins anew.
 */
import { keptTables, ROOT_COLUMNS, SCHEMA_VERSION, SIGNALS, TABLES_OF_VERSION_2 } from './schema.ts'

/** @returns nothing when the file is of this version */
export function migrationFrom(version: number): readonly string[] {
  if (version >= SCHEMA_VERSION) return []
  return [...toVersion2(), `UPDATE store.meta SET version = ${SCHEMA_VERSION}`]
}

function toVersion2(): string[] {
  return [
    ...ROOT_COLUMNS.map((column) => `ALTER TABLE store.trace_index ADD COLUMN ${column}`),
    'ALTER TABLE store.log_cold ADD COLUMN pattern UINTEGER',
    ...TABLES_OF_VERSION_2,
    ...SIGNALS.map((signal) => {
      const [cold, pin] = keptTables(signal)
      return `CREATE TABLE ${pin} AS SELECT * FROM ${cold} LIMIT 0`
    }),
    `INSERT INTO store.service
      SELECT row_number() OVER (ORDER BY first) - 1, service
      FROM (SELECT service, min(id) AS first FROM store.resource GROUP BY service)`,
    `INSERT INTO store.log_minute SELECT (t // 60000000000)::INTEGER AS m, s.id, l.sev, count(*)
      FROM store.log_cold l JOIN store.resource r ON r.id = l.res JOIN store.service s ON s.name = r.service GROUP BY ALL`,
  ]
}
