/** Whether records and spans arrive, and what the Collector itself complains of: all of it in Loki and Tempo. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { APPLICATIONS, CHOSEN, COLLECTOR, EXPORT, IS_CHOSEN_LEVEL, pipeline, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { linesPanel, numberPanel, seriesPanel } from '../panels.ts'
import { lokiNow, lokiRecords, lokiSeries, tempoSeries } from '../queries.ts'
import { spans } from '../traceql.ts'
import { environmentVariable, levelVariable, serviceVariable } from '../variables.ts'

const DROPPED_ITEMS = pipeline(`${COLLECTOR} ${EXPORT.dropped}`, unwrapped('dropped_items'))

export function pipelineHealth(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.pipeline,
    title: 'Pipeline health',
    description: 'What arrives, what the Collector dropped or could not deliver, and its own errors.',
    variables: [serviceVariable(), environmentVariable(), levelVariable()],
    panels: [...totals(), ...arriving(), ...collector(), collectorLines()],
  })
}

function totals(): ReturnType<typeof numberPanel>[] {
  return [
    numberPanel({
      title: 'Records in the last 5 minutes',
      question: 'Does anything arrive at all?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${APPLICATIONS} [5m]))`)],
    }),
    numberPanel({
      title: 'Dropped for good',
      question:
        'How many records and spans were in batches that the Collector gave up? Of a batch that Loki refused in part only a few are lost.',
      unit: 'short',
      queries: [lokiNow(`sum(sum_over_time(${DROPPED_ITEMS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Failed attempts to deliver',
      question: 'How often did a destination not answer, so that the Collector tries again? Nothing is lost by it.',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${COLLECTOR} ${EXPORT.retried} [$__range]))`)],
    }),
    numberPanel({
      title: 'Starts of the Collector',
      question: 'Was the Collector restarted in this time?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${COLLECTOR} |= "Everything is ready" [$__range]))`)],
    }),
  ]
}

function arriving(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Records per second',
      question: 'Which service went silent, or became loud?',
      unit: 'recps',
      queries: [
        lokiSeries(`sum by (service_name) (rate(${pipeline(CHOSEN, IS_CHOSEN_LEVEL)} [$__auto]))`, '{{service_name}}'),
      ],
    }),
    seriesPanel({
      title: 'Bytes of lines per second',
      question: 'Which service fills the disk?',
      unit: 'Bps',
      queries: [lokiSeries(`sum by (service_name) (bytes_rate(${CHOSEN} [$__auto]))`, '{{service_name}}')],
    }),
    seriesPanel({
      title: 'Spans per second',
      question: 'Do spans arrive in Tempo, and from whom?',
      unit: 'cps',
      queries: [tempoSeries(`${spans()} | rate() by (resource.service.name)`)],
    }),
  ]
}

function collector(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Dropped items of each exporter, at each point',
      question: 'Which destination refuses what it gets?',
      unit: 'short',
      queries: [
        lokiSeries(
          `sum by (otelcol_component_id, otelcol_signal) (sum_over_time(${DROPPED_ITEMS} [$__auto]))`,
          '{{otelcol_component_id}} {{otelcol_signal}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Failed attempts of each exporter, at each point',
      question: 'Which destination is away, and since when?',
      unit: 'short',
      queries: [
        lokiSeries(
          `sum by (otelcol_component_id) (count_over_time(${COLLECTOR} ${EXPORT.retried} [$__auto]))`,
          '{{otelcol_component_id}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Lines of the Collector by level, at each point',
      question: 'Does the Collector itself complain?',
      unit: 'short',
      queries: [
        lokiSeries(
          `sum by (service_name, detected_level) (count_over_time(${COLLECTOR} [$__auto]))`,
          '{{service_name}} {{detected_level}}',
        ),
      ],
    }),
  ]
}

function collectorLines(): ReturnType<typeof linesPanel> {
  const asLine = [
    '{{ .otelcol_component_id }} {{ .otelcol_signal }} {{ __line__ }}',
    '{{ if .dropped_items }} dropped: {{ .dropped_items }}{{ end }}',
    '{{ if .exception_message }} {{ .exception_message }}{{ end }}',
  ].join('')
  return linesPanel({
    title: 'What the Collector says',
    question:
      "What is wrong, in the Collector's own words? Why Loki refused a batch stands only in its standard error.",
    unit: 'string',
    queries: [lokiRecords(pipeline(COLLECTOR, IS_CHOSEN_LEVEL, `line_format \`${asLine}\``), 200)],
  })
}
