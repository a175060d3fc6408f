/**
 * Which run a resource is of, as SQL over the dictionary of resources: what `tracelog run` named, else the process itself.
 *
 * The numbers of resources grow as they are first seen, so the run of which the first resource has the highest number began last.
 */
import { ATTR_RUN_ID } from '../../model/semconv.ts'
import { attributePath } from './rows/attribute-path.ts'

/** The id of a resource's run; NULL of what has neither. Over `resources`. */
export const RUN_OF_RESOURCE: string = `coalesce(nullif(attributes ->> ${attributePath(ATTR_RUN_ID)}, ''), nullif(instance, ''))`

/** A SELECT of `id` and `first`, one row per run, the one that began last first. */
export const RUN_IDS: string = `SELECT ${RUN_OF_RESOURCE} AS id, min(id) AS first FROM resources
  WHERE ${RUN_OF_RESOURCE} IS NOT NULL GROUP BY 1 ORDER BY first DESC`
