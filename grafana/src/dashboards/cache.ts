/** Hit rate, latency and errors of each cache, from its look-ups. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboard } from '../dashboard.ts'
import { AS_LINE, CHOSEN, EVENT, IS_CHOSEN_LEVEL, IS_ERROR, pipeline, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { linesPanel, numberPanel, seriesPanel, tablePanel } from '../panels.ts'
import { lokiNow, lokiRecords, lokiSeries, tempoSeries } from '../queries.ts'
import { numbersAsRows } from '../record-table.ts'
import { spans } from '../traceql.ts'
import { environmentVariable, levelVariable, serviceVariable } from '../variables.ts'

const LOOK_UPS = pipeline(CHOSEN, EVENT.cache)
/** Only reads are hits or misses. */
const READS = pipeline(LOOK_UPS, 'tracelog_cache_hit!=""')
const HITS = pipeline(LOOK_UPS, 'tracelog_cache_hit="true"')
const FAILED = pipeline(LOOK_UPS, IS_ERROR)
const DURATIONS = pipeline(LOOK_UPS, unwrapped('tracelog_response_time_ms'))

export function cache(): Dashboard {
  return dashboard({
    uid: DASHBOARDS.cache,
    title: 'Cache',
    description: 'Hits, misses, duration and failures of each cache.',
    variables: [serviceVariable(), environmentVariable(), levelVariable()],
    panels: [...totals(), ...overTime(), ...requests(), failures(), mostMisses()],
  })
}

/** `a / b` for each group of labels that b has; 0 where a has none. */
function share(part: string, whole: string, window: string, by: string): string {
  const all = `sum by (${by}) (count_over_time(${whole} [${window}]))`
  return `(sum by (${by}) (count_over_time(${part} [${window}])) or ${all} * 0) / ${all}`
}

function totals(): ReturnType<typeof numberPanel>[] {
  return [
    numberPanel({
      title: 'Hit rate',
      question: 'What share of the reads was found in the cache?',
      unit: 'percentunit',
      queries: [lokiNow(`sum(count_over_time(${HITS} [$__range])) / sum(count_over_time(${READS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Look-ups',
      question: 'How many look-ups were there in this time?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${LOOK_UPS} [$__range]))`)],
    }),
    numberPanel({
      title: 'Failed look-ups',
      question: 'How many look-ups failed, so that the application went on without the cache?',
      unit: 'short',
      queries: [lokiNow(`sum(count_over_time(${FAILED} [$__range]))`)],
    }),
    numberPanel({
      title: 'Slowest twentieth',
      question: 'How long do the slowest 5 % of the look-ups take at least?',
      unit: 'ms',
      queries: [lokiNow(`max(quantile_over_time(0.95, ${DURATIONS} [$__range]) by (tracelog_cache_name))`)],
    }),
  ]
}

function overTime(): ReturnType<typeof seriesPanel>[] {
  return [
    seriesPanel({
      title: 'Hit rate over time',
      question: 'Did a cache grow cold (a restart, a deployment, new keys), and when?',
      unit: 'percentunit',
      queries: [
        lokiSeries(
          share(HITS, READS, '$__auto', 'service_name, tracelog_cache_name'),
          '{{service_name}} {{tracelog_cache_name}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Look-ups per second',
      question: 'Who uses which cache how much, and for what?',
      unit: 'ops',
      queries: [
        lokiSeries(
          `sum by (service_name, tracelog_cache_name, tracelog_cache_op) (rate(${LOOK_UPS} [$__auto]))`,
          '{{service_name}} {{tracelog_cache_name}} {{tracelog_cache_op}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Duration, 95th percentile',
      question: 'Is the cache itself slow, and for which operation?',
      unit: 'ms',
      queries: [
        lokiSeries(
          `quantile_over_time(0.95, ${DURATIONS} [$__auto]) by (tracelog_cache_name, tracelog_cache_op)`,
          '{{tracelog_cache_name}} {{tracelog_cache_op}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Failed look-ups per second',
      question: 'Since when does a cache fail, for whom, and with which error?',
      unit: 'ops',
      queries: [
        lokiSeries(
          `sum by (service_name, tracelog_cache_name, error_type) (rate(${FAILED} [$__auto]))`,
          '{{service_name}} {{tracelog_cache_name}} {{error_type}}',
        ),
      ],
    }),
  ]
}

function requests(): ReturnType<typeof seriesPanel>[] {
  const request = pipeline(CHOSEN, EVENT.server, 'tracelog_cache_hit!=""', unwrapped('tracelog_response_time_ms'))
  return [
    seriesPanel({
      title: 'Requests with a hit and without, 95th percentile',
      question: 'How much time does a hit save a request?',
      unit: 'ms',
      queries: [
        lokiSeries(
          `quantile_over_time(0.95, ${request} [$__auto]) by (service_name, tracelog_cache_hit)`,
          '{{service_name}} hit: {{tracelog_cache_hit}}',
        ),
      ],
    }),
    seriesPanel({
      title: 'Look-ups per second, from spans',
      question: 'How many hits, misses and others do the spans tell of?',
      unit: 'ops',
      queries: [tempoSeries(`${spans('span.tracelog.cache.name!=nil')} | rate() by (span.tracelog.cache.hit)`)],
    }),
  ]
}

function failures(): ReturnType<typeof linesPanel> {
  return linesPanel({
    title: 'Newest failed look-ups',
    question: 'With which error does the cache fail? A line links to its request.',
    unit: 'string',
    queries: [lokiRecords(pipeline(FAILED, IS_CHOSEN_LEVEL, AS_LINE), 100)],
  })
}

function mostMisses(): ReturnType<typeof tablePanel> {
  const misses = pipeline(CHOSEN, EVENT.server, 'tracelog_cache_hit="false"')
  const panel = tablePanel({
    title: 'Routes that miss most',
    question: 'Which routes go past the cache most often?',
    unit: 'short',
    width: 24,
    queries: [lokiNow(`topk(20, sum by (service_name, http_route) (count_over_time(${misses} [$__range])))`)],
  })
  return numbersAsRows(panel, 'Misses')
}
