/**
 * One alert rule in the form of Grafana's provisioning files: a query A that gives one number per case, a threshold B.
 *
 * No data is "all is well": each of these counts something that should not be, and Loki has no row for what never was.
 */
import { QueryBuilder, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting'
import { TypeThresholdBuilder } from '@grafana/grafana-foundation-sdk/expr'
import { DataqueryBuilder as LokiQueryBuilder } from '@grafana/grafana-foundation-sdk/loki'
import { DataqueryBuilder as PrometheusQueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'

import { DATA_SOURCES } from '../names.ts'

export interface AlertOptions {
  /** Fixed: silences and history hold it. At most 40 characters. */
  readonly uid: string
  /** What is wrong. */
  readonly title: string
  /** Gives a number per case, now. */
  readonly query: string
  /** It fires when the number is above this, or below. */
  readonly above?: number
  readonly below?: number
  /** How long it must be so. */
  readonly during: string
  /** `critical`: records or requests are being lost; `warning`: they soon may be. */
  readonly severity: 'critical' | 'warning'
  /** One sentence; `{{ $labels.x }}` and `{{ $values.A.Value }}` are replaced. */
  readonly summary: string
  /** What to do. */
  readonly description: string
  /** Where to look: a dashboard's uid. */
  readonly dashboard: string
}

/** How far back a query may look. Seconds; the longest range in one of them is an hour. */
const LOOKS_BACK_SECONDS = 3_600

export interface ProvisionedRule {
  readonly uid: string
  readonly title: string
  readonly condition: string
  readonly data: readonly unknown[]
  readonly annotations: Readonly<Record<string, string>>
}

export function alertRule(source: 'loki' | 'prometheus', options: AlertOptions): ProvisionedRule {
  const { uid, title, during, severity, summary, description, dashboard } = options
  const model = source === 'loki' ? lokiNumber(options.query) : prometheusNumber(options.query)
  const built = new RuleBuilder(title)
    .uid(uid)
    .condition('B')
    .forDuration(during)
    .noDataState('OK')
    .execErrState('Error')
    .labels({ severity })
    .annotations({ summary, description, dashboard: `/d/${dashboard}` })
    .withQuery(
      new QueryBuilder('A')
        .datasourceUid(DATA_SOURCES[source])
        .relativeTimeRange({ from: LOOKS_BACK_SECONDS, to: 0 })
        .model(model),
    )
    .withQuery(
      new QueryBuilder('B').datasourceUid('__expr__').relativeTimeRange({ from: 0, to: 0 }).model(threshold(options)),
    )
    .build()
  // The file says folder, group and organisation once, around the rules.
  const { folderUID: _folder, orgID: _org, ruleGroup: _group, ...rule } = built
  return structuredClone(JSON.parse(JSON.stringify(rule))) as ProvisionedRule
}

function threshold({ above, below, uid }: AlertOptions): TypeThresholdBuilder {
  const limit = above ?? below
  if (limit === undefined) throw new Error(`alert ${uid} has no threshold`)
  return new TypeThresholdBuilder()
    .refId('B')
    .datasource({ type: '__expr__', uid: '__expr__' })
    .expression('A')
    .conditions([{ evaluator: { type: above === undefined ? 'lt' : 'gt', params: [limit] } }])
}

function lokiNumber(text: string): LokiQueryBuilder {
  return new LokiQueryBuilder()
    .refId('A')
    .datasource({ type: 'loki', uid: DATA_SOURCES.loki })
    .expr(text)
    .queryType('instant')
}

function prometheusNumber(text: string): PrometheusQueryBuilder {
  return new PrometheusQueryBuilder()
    .refId('A')
    .datasource({ type: 'prometheus', uid: DATA_SOURCES.prometheus })
    .expr(text)
    .instant()
}
