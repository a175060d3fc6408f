/**
 * Which keys do records have? Those with a column, those of all senders, and of the others what the newest records have.
 */
import { FLAT_KEY_BY_ATTRIBUTE, keyOfAttribute } from '../../model/flat-keys.ts'
import type { Signal } from '../../model/signal.ts'
import { sqlText } from './rows/sql-text.ts'
import type { Store } from '../store/store.ts'

/** Rows that are looked at for keys without a column, of each signal. */
export const NEWEST_ROWS = 20_480n

/** As a flat line and the query language name it. */
export function shownKey(attribute: string): string {
  return FLAT_KEY_BY_ATTRIBUTE.get(attribute) ?? keyOfAttribute(attribute)
}

/** Keys with a column. Asks nobody. */
export function columnKeys(store: Store): Set<string> {
  return new Set(
    (['logs', 'spans'] as const).flatMap((signal) => store.columns(signal).map(({ key }) => shownKey(key))),
  )
}

/** The other keys. */
export async function otherKeys(store: Store): Promise<Set<string>> {
  const [resources, ...rests] = await Promise.all([
    store.read('SELECT DISTINCT unnest(json_keys(attributes)) FROM resources'),
    ...(['logs', 'spans'] as const).map(async (signal) => await restKeys(store, signal)),
  ])
  const keys = [...resources.rows, ...rests.flat()].map(([key]) => sqlText(key))
  return new Set(keys.map(shownKey))
}

async function restKeys(store: Store, signal: Signal): Promise<readonly (readonly [string])[]> {
  const newest = await newestRows(store, signal)
  if (newest === undefined) return []
  const { rows } = await store.read(
    `SELECT DISTINCT unnest(json_keys(rest)) FROM ${tableOf(signal)} WHERE n >= ${newest} AND rest IS NOT NULL`,
  )
  return rows.map(([key]) => [sqlText(key)])
}

/** The number of the first of the newest rows. */
export async function newestRows(store: Store, signal: Signal): Promise<bigint | undefined> {
  const [row] = (await store.read(`SELECT max(n) FROM ${tableOf(signal)}`)).rows
  return typeof row?.[0] === 'bigint' ? row[0] - NEWEST_ROWS + 1n : undefined
}

export function tableOf(signal: Signal): string {
  return signal === 'logs' ? 'log_rows' : 'span_rows'
}
