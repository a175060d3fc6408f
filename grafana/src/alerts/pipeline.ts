/** Alert rules on the pipeline itself, from what the Collector says of itself (selflogs.yaml) and from what arrives. */
import { APPLICATIONS, COLLECTOR, EXPORT, IS_ERROR, pipeline, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { alertRule, type ProvisionedRule } from './rule.ts'

const IS_LOKI = 'otelcol_component_id=~".*loki.*"'
const IS_OTHER = 'otelcol_component_id!~".*loki.*"'
const BY_EXPORTER = 'service_name, otelcol_component_id, otelcol_signal'

export function pipelineRules(): ProvisionedRule[] {
  return [lokiRefuses(), exporterDrops(), cannotDeliver(), collectorErrors(), noRecords()]
}

/** Sum of what was in the batches that an exporter gave up. */
function dropped(whose: string): string {
  const items = pipeline(`${COLLECTOR} ${EXPORT.dropped}`, whose, unwrapped('dropped_items'))
  return `sum by (${BY_EXPORTER}) (sum_over_time(${items} [10m]))`
}

function lokiRefuses(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-loki-refuses',
    title: 'Loki refuses records',
    query: dropped(IS_LOKI),
    above: 0,
    during: '0s',
    severity: 'critical',
    summary:
      'Loki refused records for good; they were in batches of {{ $values.A.Value }} records together within 10 minutes.',
    description:
      'Loki answered 400: too old, too far in the future, too long, or a name that it cannot store. Most records of those batches are stored, the refused ones are lost to Loki, and are still in the aggregated file. The reason, with the service, stands in the standard error of the Collector ("Exporting failed. Dropping data."); with Prometheus, loki_discarded_samples_total counts them by reason. Mend the clock of the sender, or the limit in loki.yaml.',
    dashboard: DASHBOARDS.pipeline,
  })
}

function exporterDrops(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-collector-drops',
    title: 'The Collector drops spans or records',
    query: dropped(IS_OTHER),
    above: 0,
    during: '0s',
    severity: 'critical',
    summary:
      '{{ $labels.otelcol_component_id }} gave up {{ $values.A.Value }} items ({{ $labels.otelcol_signal }}) within 10 minutes.',
    description:
      'The destination refused them for good (an answer such as 400, 401 or 413), so trying again would not help. The reason stands in the standard error of the Collector ("Exporting failed. Dropping data."). Check address, token, tenant and limits of that destination.',
    dashboard: DASHBOARDS.pipeline,
  })
}

function cannotDeliver(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-cannot-deliver',
    title: 'A destination does not answer',
    query: `sum by (${BY_EXPORTER}, exception_type) (count_over_time(${COLLECTOR} ${EXPORT.retried} [5m]))`,
    above: 0,
    during: '5m',
    severity: 'warning',
    summary: '{{ $labels.otelcol_component_id }} has been failing for 5 minutes and keeps its items in its queue.',
    description:
      'Nothing is lost while the queue has room (TRACELOG_QUEUE_BYTES, and its disk). Look whether the destination runs, and whether the Collector reaches it: the dashboard Pipeline health shows the error. When it is Loki that is away, this rule can fire only afterwards; alerts on Prometheus (compose.metrics.yaml) do not have that gap.',
    dashboard: DASHBOARDS.pipeline,
  })
}

function collectorErrors(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-collector-errors',
    title: 'The Collector reports errors',
    query: `sum by (service_name, otelcol_component_id) (count_over_time(${pipeline(COLLECTOR, IS_ERROR)} [10m]))`,
    above: 0,
    during: '5m',
    severity: 'warning',
    summary:
      '{{ $labels.otelcol_component_id }} of the Collector wrote {{ $values.A.Value }} errors within 10 minutes.',
    description:
      'Read them on the dashboard Pipeline health. "Rejecting data": the queue or its disk is full, senders are refused and try again; make room or bring the destination back. "Dropping data": see the rule on drops.',
    dashboard: DASHBOARDS.pipeline,
  })
}

function noRecords(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-no-records',
    title: 'No records arrive any more',
    // A number only where something arrived within the hour: a stack without applications is no alarm.
    query: `(${arrivedWithin('10m')} or vector(0)) and (${arrivedWithin('1h')} > 0)`,
    below: 1,
    during: '0s',
    severity: 'critical',
    summary: 'Records arrived within the last hour, but none within the last 10 minutes.',
    description:
      'Run `npx tracelog stack check`: it sends a record and a span and says where they stop. Then look whether the applications run and where OTEL_EXPORTER_OTLP_ENDPOINT points.',
    dashboard: DASHBOARDS.pipeline,
  })
}

function arrivedWithin(range: string): string {
  return `sum(count_over_time(${APPLICATIONS} [${range}]))`
}
