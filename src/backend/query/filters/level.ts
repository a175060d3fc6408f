/**
 * `level:warn`, `level>=warn`: by severity number; a record without one counts as INFO, a failed span as ERROR.
 */
import { DEFAULT_SEVERITY, severityRange, type SeverityRange } from '../../../query-text/bounds.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import type { TermFilter } from './filter.ts'

/** What a failed span counts as: ERROR. */
const FAILED_SEVERITY = 17

export function levelFilter(term: FieldTerm): TermFilter {
  const range = severityRange(term)
  const negation = range.isNot ? 'NOT ' : ''
  return {
    condition: ({ signal }) => ({
      sql: `${negation}(${signal === 'logs' ? ofLogs(range) : ofSpans(range)})`,
      parameters: [],
    }),
  }
}

/** A comparison of the column itself, so that row groups without such records are not read. 0 stands for no severity. */
function ofLogs(range: SeverityRange): string {
  const sql = `sev BETWEEN ${Math.max(range.from, 1)} AND ${range.to}`
  return holds(range, DEFAULT_SEVERITY) ? `${sql} OR sev = 0` : sql
}

function ofSpans(range: SeverityRange): string {
  const [failed, other] = [holds(range, FAILED_SEVERITY), holds(range, DEFAULT_SEVERITY)]
  if (failed === other) return String(failed)
  return failed ? 'status = 2' : 'status <> 2'
}

function holds({ from, to }: SeverityRange, severity: number): boolean {
  return from <= severity && severity <= to
}
