/** Every query in the built files of grafana/: of panels, of variables, of alert rules. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse } from 'yaml'

export const GRAFANA_FOLDER: string = new URL('../../../grafana', import.meta.url).pathname

export interface Target {
  readonly refId: string
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly expr?: string
  readonly query?: string
  readonly queryType?: string
  readonly maxLines?: number
  readonly limit?: number
}

export interface BuiltPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly targets: readonly Target[]
  readonly transformations?: readonly { readonly id: string; readonly options: Record<string, unknown> }[]
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string }
    readonly overrides: readonly { readonly properties: readonly { readonly id: string; readonly value: unknown }[] }[]
  }
}

export interface BuiltVariable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly label: string }
  readonly allValue?: string
  readonly includeAll?: boolean
  readonly multi?: boolean
  readonly datasource?: { readonly uid: string }
}

export interface BuiltDashboard {
  readonly uid: string
  readonly title: string
  readonly tags: readonly string[]
  readonly time: { readonly from: string; readonly to: string }
  readonly templating: { readonly list: readonly BuiltVariable[] }
  readonly panels: readonly BuiltPanel[]
}

export interface BuiltRule {
  readonly uid: string
  readonly title: string
  readonly condition: string
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly data: readonly {
    readonly refId: string
    readonly datasourceUid: string
    readonly relativeTimeRange: { readonly from: number }
    readonly model: Target & { readonly expression?: string; readonly conditions?: readonly Threshold[] }
  }[]
}

interface Threshold {
  readonly evaluator: { readonly type: 'gt' | 'lt'; readonly params: readonly number[] }
}

export function dashboardsOf(folder: 'dashboards' | 'dashboards-metrics'): readonly BuiltDashboard[] {
  const files = readdirSync(join(GRAFANA_FOLDER, folder))
  return files.map((file) => JSON.parse(readFileSync(join(GRAFANA_FOLDER, folder, file), 'utf8')) as BuiltDashboard)
}

/** A file of data sources or dashboards as Grafana has it after it replaced the variables of its environment. */
export function provisioned(path: string, env: Readonly<Record<string, string>> = {}): unknown {
  return replaced(parse(readFileSync(join(GRAFANA_FOLDER, path), 'utf8')), env)
}

/** As Grafana does: values are cut at `$$`, in each piece `${NAME}` and `$NAME` are replaced, `$` joins the pieces. */
function replaced(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    const pieces = value.split('$$')
    return pieces.map((piece) => piece.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, a, b) => env[a ?? b] ?? '')).join('$')
  }
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, env)]))
}

/** Their annotations and queries are taken as they are. */
export function rulesOf(folder: 'provisioning' | 'provisioning-metrics'): readonly BuiltRule[] {
  const file = parse(readFileSync(join(GRAFANA_FOLDER, folder, 'alerting/tracelog.yaml'), 'utf8')) as {
    groups: { rules: BuiltRule[] }[]
  }
  return file.groups.flatMap(({ rules }) => rules)
}
