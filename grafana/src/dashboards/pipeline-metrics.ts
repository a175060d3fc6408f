/** The same as Pipeline health, from Prometheus: queues, refusals, disks. Only with compose.metrics.yaml. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { DASHBOARDS } from '../names.ts'
import { seriesPanel } from '../panels.ts'
import { DISCARDED, GIVEN_UP, IS_UP, LOKI_DISK_SHARE, NOT_QUEUED, QUEUE_SHARE, REFUSED } from '../promql.ts'
import { prometheusSeries } from '../queries.ts'

export function pipelineMetrics(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.pipelineMetrics,
    title: 'Pipeline metrics',
    description: 'Queues, refusals and disks of the Collector, Loki and Tempo, and what the spans add up to.',
    // Prometheus reads from the programs themselves: they have no environment and no level.
    variables: [],
    panels: [...load(), ...losses(), ...programs(), ...serviceGraph()],
  })
}

function load(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Queue, share that is full',
      question: 'How long can a destination stay away before senders are refused?',
      unit: 'percentunit',
      queries: [prometheusSeries(QUEUE_SHARE, '{{exporter}} {{data_type}} {{instance}}')],
    }).max(1),
    seriesPanel({
      title: 'Queue',
      question: 'How many bytes wait on the disk of the Collector, per destination?',
      unit: 'bytes',
      queries: [prometheusSeries('otelcol_exporter_queue_size', '{{exporter}} {{data_type}} {{instance}}')],
    }),
    seriesPanel({
      title: 'Received per second',
      question: 'How much comes in?',
      unit: 'cps',
      queries: [
        prometheusSeries(
          'sum by (instance, receiver) (rate(otelcol_receiver_accepted_log_records[$__rate_interval]))',
          'records {{receiver}} {{instance}}',
        ),
        prometheusSeries(
          'sum by (instance, receiver) (rate(otelcol_receiver_accepted_spans[$__rate_interval]))',
          'spans {{receiver}} {{instance}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Delivered per second',
      question: 'Does as much go out as comes in?',
      unit: 'cps',
      queries: [
        prometheusSeries(
          'sum by (instance, exporter) (rate(otelcol_exporter_sent_log_records[$__rate_interval]))',
          'records {{exporter}} {{instance}}',
        ),
        prometheusSeries(
          'sum by (instance, exporter) (rate(otelcol_exporter_sent_spans[$__rate_interval]))',
          'spans {{exporter}} {{instance}}',
        ),
      ],
    }),
  ]
}

function losses(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Refused to senders within 10 minutes',
      question: 'Does the Collector push back? Senders try again; nothing is lost while they can.',
      unit: 'short',
      queries: [prometheusSeries(REFUSED, '{{signal}} {{receiver}} {{instance}}')],
    }),
    seriesPanel({
      title: 'Not taken into the queue within 10 minutes',
      question: 'Is a queue full, or its disk?',
      unit: 'short',
      queries: [prometheusSeries(NOT_QUEUED, '{{signal}} {{exporter}} {{instance}}')],
    }),
    seriesPanel({
      title: 'Given up within 10 minutes',
      question: 'Which destination refuses batches for good?',
      unit: 'short',
      queries: [prometheusSeries(GIVEN_UP, '{{signal}} {{exporter}} {{instance}}')],
    }),
    seriesPanel({
      title: 'Refused by Loki within 10 minutes, by reason',
      question: 'How many records exactly does Loki refuse, and why?',
      unit: 'short',
      queries: [prometheusSeries(DISCARDED, '{{reason}}')],
    }),
  ]
}

function programs(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Up',
      question: 'Which program of the stack does not answer?',
      unit: 'bool_yes_no',
      queries: [prometheusSeries(IS_UP, '{{job}} {{instance}}')],
    }).max(1),
    seriesPanel({
      title: "Disk of Loki's write-ahead log, share that is full",
      question: 'When is the disk full? From then on Loki accepts records that a crash can lose.',
      unit: 'percentunit',
      queries: [prometheusSeries(LOKI_DISK_SHARE, '{{instance}}')],
    }).max(1),
    seriesPanel({
      title: 'Memory of the Collector',
      question: 'Does the Collector come near its limit, where it begins to refuse?',
      unit: 'bytes',
      width: 24,
      queries: [prometheusSeries('otelcol_process_memory_rss', '{{instance}}')],
    }),
  ]
}

/** From the connectors of collector/metrics.yaml. */
function serviceGraph(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Calls per second between services',
      question: 'Who calls whom, and how often?',
      unit: 'reqps',
      queries: [
        prometheusSeries(
          'sum by (client, server) (rate(traces_service_graph_request_total[$__rate_interval]))',
          '{{client}} to {{server}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Failed calls per second between services',
      question: 'Between which two services do calls fail?',
      unit: 'reqps',
      queries: [
        prometheusSeries(
          'sum by (client, server) (rate(traces_service_graph_request_failed_total[$__rate_interval]))',
          '{{client}} to {{server}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Duration of server spans, 95th percentile',
      question: 'Which service is slow, out of all spans, not out of those that a search reads?',
      unit: 'ms',
      width: 24,
      queries: [
        prometheusSeries(
          'histogram_quantile(0.95, sum by (le, service_name) (rate(traces_span_metrics_duration_milliseconds_bucket{span_kind="SPAN_KIND_SERVER"}[$__rate_interval])))',
          '{{service_name}}',
        ),
      ],
    }),
  ]
}
