/** The newest requests; of the picked one its lines in order, why lines below the level are among them, its goals, its hops, its spans. */
import { LogsSortOrder } from '@grafana/grafana-foundation-sdk/common'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { AS_LINE, CHOSEN, EVENT, IS_CHOSEN_LEVEL, pipeline, TASK_PATH } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { linesPanel, tablePanel, tracePanel } from '../panels.ts'
import { lokiRecords, tempoTrace } from '../queries.ts'
import { recordsAsRows, REQUEST_COLUMNS, requestsAsRows, spansAsRows } from '../record-table.ts'
import { environmentVariable, levelVariable, serviceVariable, textVariable } from '../variables.ts'

/** As many records; a request has one of each load balancer and service that it went through. */
const NEWEST = 500

/**
 * Every service, whatever was chosen above; nothing at all when no request is picked. Tempo's searches give trace ids
 * without their leading zeros.
 */
const PICKED = '{service_name!=""} | trace_id!="" | trace_id=~"0*${trace_id:raw}"'

export function followOneRequest(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.request,
    title: 'Follow one request',
    description:
      'Pick a request: its lines of load balancer, server and cache in order, with the error, and its spans.',
    variables: [
      serviceVariable(),
      environmentVariable(),
      levelVariable(),
      textVariable('trace_id', 'Request (trace id)'),
      textVariable('span_id', 'Only this span'),
    ],
    panels: [newestRequests(), itsLines(), itsDumps(), itsGoals(), itsHops(), itsSpans()],
  })
}

function newestRequests(): ReturnType<typeof tablePanel> {
  const text = pipeline(CHOSEN, EVENT.request, 'trace_id!=""', IS_CHOSEN_LEVEL)
  const panel = tablePanel({
    title: 'Newest requests',
    question: 'Which requests came in last, and which of them failed? Click on an id to see its lines below.',
    unit: 'string',
    width: 24,
    height: 9,
    queries: [lokiRecords(text, NEWEST)],
  })
  return requestsAsRows(panel, [...REQUEST_COLUMNS, { attribute: 'service_name', shown: 'Service' }])
}

function itsLines(): ReturnType<typeof linesPanel> {
  return linesPanel(
    {
      title: 'Its lines, in order',
      question:
        'What happened to this request, from the load balancer to the cache and back, and what was the error? Lines below the level, kept by the flight recorder, are marked (recovered).',
      unit: 'string',
      height: 14,
      queries: [lokiRecords(pipeline(PICKED, 'span_id=~"${span_id:raw}.*"', AS_LINE))],
    },
    LogsSortOrder.Ascending,
  )
}

function itsDumps(): ReturnType<typeof tablePanel> {
  const panel = tablePanel({
    title: 'Its recovered lines',
    question:
      'Why are there lines below the level, of which service, and is one missing? One row per dump of a flight recorder. Without a row nothing failed, or nothing was kept.',
    unit: 'string',
    height: 5,
    width: 24,
    queries: [lokiRecords(pipeline(PICKED, EVENT.dump))],
  })
  const columns = [
    { attribute: 'service_name', shown: 'Service' },
    { attribute: 'tracelog_dump_reason', shown: 'Reason' },
    { attribute: 'tracelog_dump_buffered', shown: 'Lines', unit: 'none' },
    { attribute: 'tracelog_dump_evicted_records', shown: 'Had to make room', unit: 'none' },
    { attribute: 'tracelog_dump_suppressed', shown: 'Too many dumps' },
    { attribute: 'tracelog_dump_kept', shown: 'Kept' },
  ]
  return recordsAsRows(panel, columns, 'oldest first')
}

function itsGoals(): ReturnType<typeof tablePanel> {
  const panel = tablePanel({
    title: 'Its goals',
    question:
      'What was to be achieved, in which order, and what of it was not? One row per task, in the order in which they began; its place in the tree is a path. Without a status it has not ended.',
    unit: 'string',
    width: 24,
    queries: [lokiRecords(pipeline(PICKED, EVENT.task, TASK_PATH))],
  })
  const columns = [
    { attribute: 'service_name', shown: 'Service' },
    { attribute: 'task', shown: 'Path' },
    { attribute: 'tracelog_task_goal', shown: 'Goal' },
    { attribute: 'tracelog_task_status', shown: 'Status' },
    { attribute: 'tracelog_elapsed_ms', shown: 'Duration', unit: 'ms' },
    { attribute: 'exception_message', shown: 'Error' },
  ]
  return spansAsRows(panel, columns)
}

function itsHops(): ReturnType<typeof tablePanel> {
  const panel = tablePanel({
    title: 'Its hops',
    question:
      'Where was the time spent: in the load balancer, in a service or in a cache? One row per hop, in the order in which they ended.',
    unit: 'string',
    width: 24,
    queries: [lokiRecords(pipeline(PICKED, EVENT.hop))],
  })
  const columns = [
    { attribute: 'service_name', shown: 'Service' },
    { attribute: 'tracelog_component', shown: 'Hop' },
    { attribute: 'url_path', shown: 'Path' },
    { attribute: 'http_response_status_code', shown: 'Status', unit: 'none' },
    { attribute: 'tracelog_response_time_ms', shown: 'Duration', unit: 'ms' },
    { attribute: 'tracelog_upstream', shown: 'Upstream' },
    { attribute: 'tracelog_retries', shown: 'Retries', unit: 'none' },
    { attribute: 'tracelog_cache_name', shown: 'Cache' },
    { attribute: 'tracelog_cache_op', shown: 'Look-up' },
    { attribute: 'tracelog_cache_hit', shown: 'Cache hit' },
    { attribute: 'error_type', shown: 'Error' },
  ]
  return recordsAsRows(panel, columns, 'oldest first')
}

function itsSpans(): ReturnType<typeof tracePanel> {
  return tracePanel({
    title: 'Its spans',
    question: 'Which work waited for which? A span links to its lines.',
    unit: 'string',
    queries: [tempoTrace('${trace_id}')],
  })
}
