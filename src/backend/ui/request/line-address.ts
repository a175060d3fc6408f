/**
 * Where the logs show what is around a line of a request, and the lines that say the same.
 */
import type { TreeRow } from '../../../model/api.ts'
import { patternOfRow, patternText } from '../../../model/pattern.ts'

export function aroundAddress(logId: string): string {
  return `/logs?${new URLSearchParams({ around: logId, same: 'service' }).toString()}`
}

export function patternAddress({ message, error }: TreeRow): string {
  const pattern = patternOfRow({ message, error_type: error?.type, error_stack: error?.stack })
  return `/logs?${new URLSearchParams({ q: `pattern:${patternText(pattern)}` }).toString()}`
}
