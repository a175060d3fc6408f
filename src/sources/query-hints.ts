/**
 * Why may a query have found nothing? What is probably not what its writer meant, each with what to write instead.
 */
import { nearest } from '../model/nearest.ts'
import { parseQueryText } from '../query-text/parse.ts'
import { KNOWN_KEYS } from '../query-text/terms.ts'
import { termsOf } from '../query-text/top-terms.ts'

/** Keys that one compares by size: with `>` unquoted the shell takes the rest of the term for itself. */
const COMPARED: ReadonlySet<string> = new Set([
  'level',
  'status',
  'took',
  'duration',
  'response_time_ms',
  'elapsed_ms',
  'cache_ms',
  'db_ms',
  'upstream_ms',
  'queued_ms',
  'retries',
])

/** The keys of a query that are nobody's but some application's. @param text  a query that parses */
export function keysToLookFor(text: string): string[] {
  const known = new Set(KNOWN_KEYS)
  const keys = termsOf(parseQueryText(text)).flatMap((term) => (term.kind === 'field' ? [term.key] : []))
  return [...new Set(keys)].filter((key) => !known.has(key))
}

export interface Sample {
  /** All keys of some records of the source. */
  readonly keys: ReadonlySet<string>
  readonly records: number
}

/** @returns sentences, the most probable first; empty when nothing looks wrong */
export function queryHints(text: string, { keys, records }: Sample): string[] {
  const words = termsOf(parseQueryText(text)).filter((term) => term.kind === 'word' && !term.isQuoted)
  const compared = words.find((term) => term.kind === 'word' && COMPARED.has(term.text))
  const unknown = keysToLookFor(text).filter((key) => !keys.has(key))
  return [
    ...(compared?.kind === 'word' ? [alone(compared.text)] : []),
    ...unknown.flatMap((key) => {
      const meant = nearest(key, [...KNOWN_KEYS, ...keys])
      if (meant !== undefined) return [`No record has the key "${key}": did you mean "${meant}"?`]
      return records === 0 ? [] : [`None of ${records} records that were looked at has the key "${key}".`]
    }),
  ]
}

function alone(key: string): string {
  const example = key === 'level' ? 'level>=warn' : `${key}>=500`
  return `"${key}" alone is a word in messages. The shell takes > and < for itself: quote such terms, '${example}'.`
}
