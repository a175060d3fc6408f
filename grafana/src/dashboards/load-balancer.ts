/** Upstreams, retries and routing time. A load balancer is whoever writes tracelog.lb.end: Node, nginx, HAProxy. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { AS_LINE, CHOSEN, EVENT, FAILED_ATTEMPT, IS_CHOSEN_LEVEL, IS_FAILED, pipeline, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { linesPanel, numberPanel, seriesPanel } from '../panels.ts'
import { lokiNow, lokiRecords, lokiSeries, tempoSeries } from '../queries.ts'
import { spans } from '../traceql.ts'
import { environmentVariable, levelVariable, serviceVariable } from '../variables.ts'

const REQUESTS = pipeline(CHOSEN, EVENT.loadBalancer)
const FAILED = pipeline(REQUESTS, IS_FAILED)

export function loadBalancer(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.loadBalancer,
    title: 'Load balancer',
    description: 'Where requests went, what was tried twice, and how long the choice and the answer took.',
    variables: [serviceVariable(), environmentVariable(), levelVariable()],
    panels: [...totals(), ...upstreams(), ...durations(), ...fromSpans(), failures()],
  })
}

function totals(): ReturnType<typeof numberPanel>[] {
  const retries = pipeline(REQUESTS, unwrapped('tracelog_retries'))
  const aborted = pipeline(REQUESTS, 'tracelog_aborted="true"')
  return [
    numberPanel({
      title: 'Requests',
      question: 'How many requests came in?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${REQUESTS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Failed',
      question: 'How many clients got a 5xx?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${FAILED} [$__range]))`)],
    }),
    numberPanel({
      title: 'Retries',
      question: 'How often was another upstream needed?',
      unit: 'short',
      queries: [lokiNow(`sum(sum_over_time(${retries} [$__range]))`)],
    }),
    numberPanel({
      title: 'Clients that left',
      question: 'How many clients hung up before they had their answer?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${aborted} [$__range]))`)],
    }),
  ]
}

function upstreams(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Requests per second and upstream',
      question: 'Is the load spread evenly, and does each upstream get any?',
      unit: 'reqps',
      queries: [lokiSeries(`sum by (tracelog_upstream) (rate(${REQUESTS} [$__auto]))`, '{{tracelog_upstream}}')],
    }),
    seriesPanel({
      title: 'Failed attempts per second and upstream',
      question: 'Which upstream is down? The first that was tried, of requests that needed a second or that failed.',
      unit: 'reqps',
      queries: [
        lokiSeries(`sum by (upstream) (rate(${pipeline(REQUESTS, FAILED_ATTEMPT)} [$__auto]))`, '{{upstream}}'),
      ],
    }),
    seriesPanel({
      title: 'Answers per second and status',
      question: 'What do clients get, and since when not 200?',
      unit: 'reqps',
      queries: [
        lokiSeries(
          `sum by (service_name, http_response_status_code) (rate(${REQUESTS} [$__auto]))`,
          '{{service_name}} {{http_response_status_code}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Requests with a retry, per second',
      question: 'Since when are second attempts needed?',
      unit: 'reqps',
      queries: [
        lokiSeries(
          `sum by (service_name) (rate(${pipeline(REQUESTS, 'tracelog_retries>0')} [$__auto]))`,
          '{{service_name}}',
        ),
      ],
    }),
  ]
}

function durations(): ReturnType<typeof seriesPanel>[] {
  const routing = pipeline(REQUESTS, unwrapped('tracelog_lb_routing_ms'))
  const answer = pipeline(REQUESTS, unwrapped('tracelog_upstream_ms'))
  const total = pipeline(REQUESTS, unwrapped('tracelog_response_time_ms'))
  return [
    seriesPanel({
      title: 'Routing time, 95th percentile',
      question: 'How long does it take until an upstream is chosen? nginx cannot tell.',
      unit: 'ms',
      queries: [lokiSeries(`quantile_over_time(0.95, ${routing} [$__auto]) by (service_name)`, '{{service_name}}')],
    }),
    seriesPanel({
      title: 'Time of the upstream and in total, 95th percentile',
      question: 'Which upstream is slow, and what comes on top of it (queues, attempts, slow clients)?',
      unit: 'ms',
      queries: [
        lokiSeries(
          `quantile_over_time(0.95, ${answer} [$__auto]) by (tracelog_upstream)`,
          'upstream {{tracelog_upstream}}',
        ),
        lokiSeries(`quantile_over_time(0.95, ${total} [$__auto]) by (service_name)`, 'in total {{service_name}}'),
      ],
    }),
  ]
}

function fromSpans(): ReturnType<typeof seriesPanel>[] {
  const isLoadBalancer = 'span.tracelog.component="load_balancer"'
  return [
    seriesPanel({
      title: 'Requests per second, from spans',
      question: 'Do the spans of load balancers tell the same as their records?',
      unit: 'reqps',
      queries: [tempoSeries(`${spans(isLoadBalancer)} | rate() by (resource.service.name, status)`)],
    }),
    seriesPanel({
      title: 'Attempts, 95th percentile, from spans',
      question: 'How long does one attempt take, per upstream?',
      unit: 's',
      queries: [
        tempoSeries(
          `${spans(isLoadBalancer)} > {kind=client} | quantile_over_time(duration, .95) by (span.server.address, span.server.port)`,
        ),
      ],
    }),
  ]
}

function failures(): ReturnType<typeof linesPanel> {
  return linesPanel({
    title: 'Newest failed or retried requests',
    question: 'Which requests failed or needed a second attempt? A line links to its request.',
    unit: 'string',
    queries: [lokiRecords(pipeline(REQUESTS, `${IS_FAILED} or tracelog_retries>0`, IS_CHOSEN_LEVEL, AS_LINE), 100)],
  })
}
