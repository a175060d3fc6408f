/**
 * What was measured, as Prometheus reads it: its text format, version 0.0.4.
 *
 * Names and units by OpenTelemetry's "Prometheus and OpenMetrics Compatibility": what a name may not hold is `_`, the unit is the end of
 * the name, counters end in `_total`, a scope is two labels. Base-2 histograms have no place in this format and are left out.
 */
import { DataPointType, type Histogram, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = readonly (readonly [key: string, value: unknown])[]
interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly lines: string[]
}

/** @param resource  on `target_info`: whose metrics they are */
export function prometheusText(scopes: readonly ScopeMetrics[], resource: Readonly<Record<string, unknown>>): string {
  const families = new Map<string, Family>()
  for (const { scope, metrics } of scopes) {
    const ofScope: Labels = [
      ['otel_scope_name', scope.name],
      ['otel_scope_version', scope.version ?? ''],
    ]
    for (const metric of metrics) addMetric(families, metric, ofScope)
  }
  const target = `target_info${labelsText(Object.entries(resource))} 1`
  const info: Family = { type: 'gauge', help: 'Target metadata', lines: [target] }
  return [['target_info', info] as const, ...families].map(([name, family]) => familyText(name, family)).join('')
}

function addMetric(families: Map<string, Family>, metric: MetricData, ofScope: Labels): void {
  const type = typeOf(metric)
  if (type === undefined) return
  const name = nameOf(metric, type)
  const known = families.get(name)
  // The format has one type for each name: of meters that disagree the first one counts.
  if (known !== undefined && known.type !== type) return
  // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- the SDK takes what its types do not allow
  const family = known ?? { type, help: String(metric.descriptor.description), lines: [] }
  families.set(name, family)
  for (const { attributes, value } of metric.dataPoints) {
    const labels = [...Object.entries(attributes), ...ofScope]
    if (typeof value === 'number') family.lines.push(`${name}${labelsText(labels)} ${numberText(value)}`)
    else family.lines.push(...histogramLines(name, labels, value as Histogram))
  }
}

function typeOf(metric: MetricData): Family['type'] | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'gauge'
    case DataPointType.GAUGE:
      return 'gauge'
    case DataPointType.HISTOGRAM:
      return 'histogram'
    default:
      return undefined
  }
}

function histogramLines(name: string, labels: Labels, { buckets, count, sum = 0 }: Histogram): string[] {
  let below = 0
  const bucketLines = buckets.counts.map((inside, at) => {
    below += inside
    const le = numberText(buckets.boundaries[at] ?? Infinity)
    return `${name}_bucket${labelsText([...labels, ['le', le]])} ${below}`
  })
  const shown = labelsText(labels)
  return [...bucketLines, `${name}_sum${shown} ${numberText(sum)}`, `${name}_count${shown} ${count}`]
}

function familyText(name: string, { type, help, lines }: Family): string {
  const told = help === '' ? '' : `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`
  return `${told}# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}

const UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['min', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['%', 'percent'],
])

function nameOf({ descriptor: { name, unit } }: MetricData, type: Family['type']): string {
  const plain = name.replace(/[^a-zA-Z0-9:_]+/g, '_').replace(/_+/g, '_')
  const started = /^\d/.test(plain) ? `_${plain}` : plain
  // `{request}` and the like are remarks.
  const written = UNITS.get(unit) ?? (unit === '1' && type === 'gauge' ? 'ratio' : /^[a-zA-Z]+$/.test(unit) && unit)
  const bare = type === 'counter' ? started.replace(/_total$/, '') : started
  const measured = written && !bare.endsWith(`_${written}`) ? `${bare}_${written}` : bare
  return type === 'counter' ? `${measured}_total` : measured
}

/** Keys that are the same once they are written as labels have their values in one, in the order of the keys. */
function labelsText(labels: Labels): string {
  const values = new Map<string, string>()
  for (const [key, value] of labels.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined || value === null) continue
    const name = key.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^(?=\d)/, '_')
    const text = valueText(value)
    if (text === undefined) continue
    const before = values.get(name)
    values.set(name, before === undefined ? text : `${before};${text}`)
  }
  if (values.size === 0) return ''
  return `{${[...values].map(([name, text]) => `${name}="${escaped(text)}"`).join(',')}}`
}

/** The SDK takes any value: `undefined` for one of which no text can be made. */
function valueText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
