/**
 * What `requestFields()` has stated of the request, on one of its records; the record's own attributes count before them.
 */
import type { Attributes } from '../model/any-value.ts'

const NO_ATTRIBUTES = Object.freeze({})

export function withRequestFields(own: Attributes | undefined, fields: Attributes | undefined): Attributes {
  if (fields === undefined) return own ?? NO_ATTRIBUTES
  return own === undefined ? fields : { ...fields, ...own }
}
