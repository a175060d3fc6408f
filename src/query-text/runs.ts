/**
 * `run:last`, `run:prev`, `run:4f2a91c0`: what a run is called in a query, and which run a row is of.
 */
import { ATTR_SERVICE_INSTANCE_ID } from '../model/semconv.ts'
import type { FieldTerm } from './expression.ts'
import { QuerySyntaxError } from './query-syntax-error.ts'

/** Names that only who knows all runs can read: by how many runs back each is. */
export const RUN_NAMES: readonly string[] = ['last', 'prev']
const SHORTEST_ID = 4

/** @throws QuerySyntaxError */
export function checkRun({ value, valueAt }: FieldTerm): void {
  if (RUN_NAMES.includes(value) || value.length >= SHORTEST_ID) return
  throw new QuerySyntaxError(
    `The value of run is "${value}"`,
    valueAt,
    `${RUN_NAMES.join(', ')} or at least the first ${SHORTEST_ID} characters of an id`,
  )
}

/** What ids of the run begin with. @throws QuerySyntaxError of a name */
export function runPrefix({ value, valueAt, isQuoted }: FieldTerm): string {
  if (isQuoted || !RUN_NAMES.includes(value)) return value.toLowerCase()
  throw new QuerySyntaxError(
    `The value of run is "${value}"`,
    valueAt,
    'the id of a run, or the local backend (--source local), which alone knows the order of runs',
  )
}

/** @param run  id of the row's run, where who reads it knows that; without a text the process that wrote it is its run */
export function isOfRun(row: Readonly<Record<string, unknown>>, run: unknown, prefix: string): boolean {
  const id = typeof run === 'string' ? run : row[ATTR_SERVICE_INSTANCE_ID]
  return typeof id === 'string' && id.toLowerCase().startsWith(prefix)
}
