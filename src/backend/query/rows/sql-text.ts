/**
 * A value of a result that is text by its column; null and absent are `''`.
 */
import type { SqlValue } from '../../store/store.ts'

export function sqlText(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** A UUID column as 32 hex digits; null is `''`. */
export function sqlTraceId(value: SqlValue | undefined): string {
  return sqlText(value).replaceAll('-', '')
}
