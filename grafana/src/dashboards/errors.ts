/** What went wrong: how often, where, with which stack. */
import { SearchTableType } from '@grafana/grafana-foundation-sdk/tempo'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { AS_LINE, CHOSEN, EVENT, IS_CHOSEN_LEVEL, IS_ERROR, IS_FAILED, pipeline, PROCESS_END } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { linesPanel, seriesPanel, tablePanel } from '../panels.ts'
import { lokiNow, lokiRecords, lokiSeries, tempoSearch } from '../queries.ts'
import { numbersAsRows, recordsAsRows, REQUEST_COLUMNS } from '../record-table.ts'
import { requestLink } from '../links.ts'
import { spans } from '../traceql.ts'
import { environmentVariable, levelVariable, serviceVariable } from '../variables.ts'

const ERRORS = pipeline(CHOSEN, IS_ERROR)

export function errors(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.errors,
    title: 'Errors',
    description: 'Error lines, failed requests and failed spans, with their stacks.',
    variables: [serviceVariable(), environmentVariable(), levelVariable()],
    panels: [
      perService(),
      failedPerSecond(),
      mostFrequent(),
      endedProcesses(),
      failedRequests(),
      failedTraces(),
      newest(),
    ],
  })
}

function perService(): ReturnType<typeof seriesPanel> {
  return seriesPanel({
    title: 'Error lines per second',
    question: 'Which service writes errors, and since when?',
    unit: 'recps',
    queries: [
      lokiSeries(
        `sum by (service_name, detected_level) (rate(${ERRORS} [$__auto]))`,
        '{{service_name}} {{detected_level}}',
      ),
    ],
  })
}

function failedPerSecond(): ReturnType<typeof seriesPanel> {
  return seriesPanel({
    title: 'Failed requests per second and route',
    question: 'Which routes fail?',
    unit: 'reqps',
    queries: [
      lokiSeries(
        `sum by (service_name, http_route) (rate(${pipeline(CHOSEN, EVENT.request, IS_FAILED)} [$__auto]))`,
        '{{service_name}} {{http_route}}',
      ),
    ],
  })
}

function mostFrequent(): ReturnType<typeof tablePanel> {
  const counted = `count_over_time(${pipeline(ERRORS, 'error_type!="" or exception_type!=""')} [$__range])`
  const panel = tablePanel({
    title: 'Most frequent errors',
    question: 'Which error comes most often, and where?',
    unit: 'short',
    queries: [lokiNow(`topk(20, sum by (service_name, error_type, exception_type) (${counted}))`)],
  })
  return numbersAsRows(panel, 'Times')
}

function endedProcesses(): ReturnType<typeof seriesPanel> {
  return seriesPanel({
    title: 'Processes that crashed, at each point',
    question: 'Which services ended with an uncaught exception or an unhandled rejection?',
    unit: 'short',
    queries: [
      lokiSeries(
        `sum by (service_name, event_name) (count_over_time(${pipeline(CHOSEN, PROCESS_END)} [$__auto]))`,
        '{{service_name}} {{event_name}}',
      ),
    ],
  })
}

function failedRequests(): ReturnType<typeof tablePanel> {
  const panel = tablePanel({
    title: 'Newest failed requests',
    question: 'Which requests failed last? Click on an id to see all its lines.',
    unit: 'string',
    queries: [lokiRecords(pipeline(CHOSEN, EVENT.request, IS_FAILED, 'trace_id!=""'), 200)],
  })
  return recordsAsRows(panel, [
    ...REQUEST_COLUMNS,
    { attribute: 'service_name', shown: 'Service' },
    { attribute: 'error_type', shown: 'Error' },
  ])
}

function failedTraces(): ReturnType<typeof tablePanel> {
  return tablePanel({
    title: 'Newest traces with a failed span',
    question: 'Which requests failed somewhere inside, even if the client got an answer?',
    unit: 'string',
    queries: [tempoSearch(spans('status=error'), 50, SearchTableType.Traces)],
  }).overrideByName('traceID', [{ id: 'links', value: [requestLink().build()] }])
}

function newest(): ReturnType<typeof linesPanel> {
  return linesPanel({
    title: 'Newest errors, with their stacks',
    question: 'What exactly went wrong, and at which place of the code? A line links to its request.',
    unit: 'string',
    queries: [lokiRecords(pipeline(ERRORS, IS_CHOSEN_LEVEL, AS_LINE), 200)],
  })
}
