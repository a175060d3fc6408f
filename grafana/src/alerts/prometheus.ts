/** Alert rules on Prometheus: what Loki cannot tell when it is Loki that is away. Only with compose.metrics.yaml. */
import { DASHBOARDS } from '../names.ts'
import { DISCARDED, GIVEN_UP, IS_UP, LOKI_DISK_SHARE, NOT_QUEUED, QUEUE_SHARE, REFUSED } from '../promql.ts'
import { alertRule, type AlertOptions, type ProvisionedRule } from './rule.ts'

export function prometheusRules(): ProvisionedRule[] {
  return [...queueRules(), ...lossRules(), ...programRules()].map((options) =>
    alertRule('prometheus', { ...options, dashboard: DASHBOARDS.pipelineMetrics }),
  )
}

type Rule = Omit<AlertOptions, 'dashboard'>

function queueRules(): Rule[] {
  return [
    {
      uid: 'tracelog-queue-fills',
      title: 'A queue of the Collector fills up',
      query: QUEUE_SHARE,
      above: 0.8,
      during: '1m',
      severity: 'warning',
      summary: 'The queue for {{ $labels.exporter }} is {{ humanizePercentage $values.A.Value }} full.',
      description:
        'The destination is away, or slower than what comes in. Bring it back, or give the queue more room (TRACELOG_QUEUE_BYTES, at most a third of its disk). When it is full senders are refused and try again for as long as they can.',
    },
    {
      uid: 'tracelog-senders-refused',
      title: 'The Collector refuses senders',
      query: REFUSED,
      above: 0,
      during: '5m',
      severity: 'warning',
      summary:
        '{{ $labels.instance }} refused {{ printf "%.0f" $values.A.Value }} {{ $labels.signal }} within 10 minutes.',
      description:
        'Its memory limiter or a full queue pushes back. Applications keep what is refused and try again, and drop the oldest when their own queue is full: act within minutes. Add gateways or memory, or bring the destination back.',
    },
    {
      uid: 'tracelog-queue-refuses',
      title: 'The queue of the Collector takes nothing more',
      query: NOT_QUEUED,
      above: 0,
      during: '0s',
      severity: 'critical',
      summary:
        '{{ $labels.exporter }} could not queue {{ printf "%.0f" $values.A.Value }} {{ $labels.signal }} within 10 minutes.',
      description:
        'The queue is full, or the disk that it is on. Look at the free space of the volume first: a restart of the Collector on a full disk loses what is queued. Make room before anything else.',
    },
  ]
}

function lossRules(): Rule[] {
  return [
    {
      uid: 'tracelog-given-up',
      title: 'The Collector gives up batches',
      query: GIVEN_UP,
      above: 0,
      during: '0s',
      severity: 'critical',
      summary:
        '{{ $labels.exporter }} gave up {{ printf "%.0f" $values.A.Value }} {{ $labels.signal }} within 10 minutes.',
      description:
        'A destination refused batches for good. Its reason stands in the standard error of the Collector ("Exporting failed. Dropping data."). Of a batch that Loki refused in part only the refused records are lost: loki_discarded_samples_total counts them.',
    },
    {
      uid: 'tracelog-loki-discards',
      title: 'Loki discards records',
      query: DISCARDED,
      above: 0,
      during: '0s',
      severity: 'critical',
      summary: 'Loki discarded {{ printf "%.0f" $values.A.Value }} records within 10 minutes: {{ $labels.reason }}.',
      description:
        'greater_than_max_sample_age, too_far_behind, too_far_in_future: the clock of a sender, or old files being read. line_too_long, structured_metadata_too_large: a limit in loki.yaml. rate_limited: more than Loki may take a second, also a limit there. The records are still in the aggregated file.',
    },
  ]
}

function programRules(): Rule[] {
  return [
    {
      uid: 'tracelog-program-down',
      title: 'A program of the stack does not answer',
      query: IS_UP,
      below: 1,
      during: '1m',
      severity: 'critical',
      summary: '{{ $labels.job }} ({{ $labels.instance }}) does not answer.',
      description:
        'Look at its log and whether it runs. Without the Collector applications keep what they can and drop the oldest; without Loki or Tempo the Collector queues on its disk.',
    },
    {
      uid: 'tracelog-loki-disk',
      title: "Loki's disk fills up",
      query: LOKI_DISK_SHARE,
      above: 0.85,
      during: '5m',
      severity: 'critical',
      summary: "The disk of Loki's write-ahead log is {{ humanizePercentage $values.A.Value }} full.",
      description:
        'On a full disk Loki goes on accepting records, and a crash then loses them. Enlarge the volume, or shorten limits_config.retention_period in loki.yaml; space is freed only when its compactor has run.',
    },
  ]
}
