/**
 * How DuckDB would answer a question.
 */
import type { SqlParameter, Store } from '../../../src/backend/store/store.ts'

/** @returns the plan as DuckDB draws it */
export async function planOf(store: Store, sql: string, parameters: readonly SqlParameter[] = []): Promise<string> {
  const { rows } = await store.read(`EXPLAIN ${sql}`, parameters)
  return rows.map(([, plan]) => (typeof plan === 'string' ? plan : '')).join('\n')
}
