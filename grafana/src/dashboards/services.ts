/** Rate, errors and duration of each hop, from completion records and from spans. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { CHOSEN, EVENT, IS_CHOSEN_LEVEL, IS_FAILED, pipeline, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { numberPanel, seriesPanel, tablePanel } from '../panels.ts'
import { lokiNow, lokiSeries, tempoSeries } from '../queries.ts'
import { numbersAsRows } from '../record-table.ts'
import { spans } from '../traceql.ts'
import { environmentVariable, levelVariable, serviceVariable } from '../variables.ts'

const REQUESTS = pipeline(CHOSEN, EVENT.server)
const FAILED = pipeline(REQUESTS, IS_FAILED)
const DURATIONS = pipeline(CHOSEN, EVENT.server, unwrapped('tracelog_response_time_ms'))

export function services(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.services,
    title: 'Services',
    description:
      'How much each service does, how often it fails and how long it takes: from its records and its spans.',
    variables: [serviceVariable(), environmentVariable(), levelVariable()],
    panels: [...totals(), ...fromRecords(), ...fromSpans(), slowestRoutes()],
  })
}

function totals(): ReturnType<typeof numberPanel>[] {
  return [
    numberPanel({
      title: 'Requests',
      question: 'How many requests were answered in this time?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${REQUESTS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Failed',
      question: 'How many requests ended with 5xx?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${FAILED} [$__range]))`)],
    }),
    numberPanel({
      title: 'Share that failed',
      question: 'What share of the requests ended with 5xx?',
      unit: 'percentunit',
      queries: [lokiNow(`sum(count_over_time(${FAILED} [$__range])) / sum(count_over_time(${REQUESTS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Slowest twentieth',
      question: 'How long do the slowest 5 % of the requests take at least?',
      unit: 'ms',
      queries: [lokiNow(`max(quantile_over_time(0.95, ${DURATIONS} [$__range]) by (service_name))`)],
    }),
  ]
}

function fromRecords(): ReturnType<typeof seriesPanel>[] {
  const hops = pipeline(CHOSEN, EVENT.hop, unwrapped('tracelog_response_time_ms'))
  const lines = pipeline(CHOSEN, IS_CHOSEN_LEVEL)
  return [
    seriesPanel({
      title: 'Requests per second',
      question: 'How busy is each service?',
      unit: 'reqps',
      queries: [lokiSeries(`sum by (service_name) (rate(${REQUESTS} [$__auto]))`, '{{service_name}}')],
    }),
    seriesPanel({
      title: 'Failed requests per second',
      question: 'Which service fails, with which status, and since when?',
      unit: 'reqps',
      queries: [
        lokiSeries(
          `sum by (service_name, http_response_status_code) (rate(${FAILED} [$__auto]))`,
          '{{service_name}} {{http_response_status_code}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Duration, 95th percentile',
      question: 'Which service became slow, and when?',
      unit: 'ms',
      queries: [lokiSeries(`quantile_over_time(0.95, ${DURATIONS} [$__auto]) by (service_name)`, '{{service_name}}')],
    }),
    seriesPanel({
      title: 'Duration per hop, 95th percentile',
      question: 'Is it the load balancer, the service or the cache that takes the time?',
      unit: 'ms',
      queries: [
        lokiSeries(
          `quantile_over_time(0.95, ${hops} [$__auto]) by (service_name, tracelog_component)`,
          '{{service_name}} {{tracelog_component}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Lines per second',
      question: 'Which service writes how much, at which level?',
      unit: 'recps',
      width: 24,
      queries: [
        lokiSeries(
          `sum by (service_name, detected_level) (rate(${lines} [$__auto]))`,
          '{{service_name}} {{detected_level}}',
        ),
      ],
    }),
  ]
}

function fromSpans(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Requests per second, from spans',
      question: 'Do the spans tell the same as the records? A gap between the two is sampling or a loss.',
      unit: 'reqps',
      queries: [tempoSeries(`${spans('kind=server')} | rate() by (resource.service.name)`)],
    }),
    seriesPanel({
      title: 'Failed spans per second',
      question: 'Which service fails as seen by whom: the server itself, or its client?',
      unit: 'reqps',
      queries: [tempoSeries(`${spans('status=error')} | rate() by (resource.service.name, kind)`)],
    }),
    seriesPanel({
      title: 'Duration of server spans, 95th percentile',
      question: 'Which service is slow, also for hops that write no record?',
      unit: 's',
      queries: [tempoSeries(`${spans('kind=server')} | quantile_over_time(duration, .95) by (resource.service.name)`)],
    }),
    seriesPanel({
      title: 'Duration of outgoing calls, 95th percentile',
      question: 'Which call to something else makes a service slow?',
      unit: 's',
      queries: [
        tempoSeries(`${spans('kind=client')} | quantile_over_time(duration, .95) by (resource.service.name, name)`),
      ],
    }),
  ]
}

function slowestRoutes(): ReturnType<typeof tablePanel> {
  const slowest = `max_over_time(${DURATIONS} [$__range]) by (service_name, http_route)`
  const panel = tablePanel({
    title: 'Slowest routes',
    question: 'Which routes had the slowest requests in this time?',
    unit: 'ms',
    width: 24,
    queries: [lokiNow(`topk(20, ${slowest})`)],
  })
  return numbersAsRows(panel, 'Slowest')
}
