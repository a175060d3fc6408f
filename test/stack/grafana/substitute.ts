/**
 * A query as a data source of Grafana sends it: with the values of the variables.
 *
 * Written after datasource.ts of Grafana's Loki plugin (interpolateQueryExpr, lokiSpecialRegexEscape): several values are
 * escaped and joined by `|`, the value for All is taken as it is, and so is a variable that is written `${name:raw}`.
 * The Tempo plugin joins by `|` and escapes nothing.
 */
import type { BuiltDashboard, BuiltVariable, Target } from './built-queries.ts'

/** What stands in the address bar: `$__all` for All, a list where several were chosen. */
export type Chosen = Readonly<Record<string, string | readonly string[]>>

/** Grafana's step at an hour over the width of a panel, more or less. Seconds. */
export const STEP_SECONDS = 60
export const RANGE_SECONDS = 3_600

export function substituted(target: Target, dashboard: BuiltDashboard, chosen: Chosen): string {
  const text = target.expr ?? target.query ?? ''
  const values: Record<string, string> = {
    __auto: target.queryType === 'instant' ? `${RANGE_SECONDS}s` : `${STEP_SECONDS}s`,
    __range: `${RANGE_SECONDS}s`,
    __interval: `${STEP_SECONDS}s`,
    __rate_interval: `${4 * STEP_SECONDS}s`,
  }
  const variables = new Map(dashboard.templating.list.map((variable) => [variable.name, variable]))
  return text.replaceAll(/\$(?:\{(\w+)(?::(\w+))?\}|(\w+))/g, (whole, braced: string, format: string, bare: string) => {
    const name = braced ?? bare
    if (values[name] !== undefined) return values[name]
    const variable = variables.get(name)
    const value = chosen[name]
    // As Grafana does it: what is no variable stays as it is.
    if (variable === undefined || value === undefined) return whole
    return valueText(variable, value, target.datasource.type === 'loki' && format !== 'raw')
  })
}

function valueText(variable: BuiltVariable, value: string | readonly string[], isLoki: boolean): string {
  const list = typeof value === 'string' ? [value] : value
  if (list.includes('$__all')) return variable.allValue ?? '.*'
  const isList = variable.multi === true || variable.includeAll === true
  return list.map((one) => (isLoki && isList ? lokiEscaped(one) : one)).join('|')
}

function lokiEscaped(value: string): string {
  return value.replaceAll('\\', '\\\\\\\\').replaceAll(/[$^*{}[\]'+?.()|]/g, String.raw`\\$&`)
}
