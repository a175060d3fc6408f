/** Alert rules on what applications report: failed and slow requests, crashes, caches, upstreams. */
import { APPLICATIONS, EVENT, FAILED_ATTEMPT, IS_ERROR, IS_FAILED, pipeline, PROCESS_END, unwrapped } from '../logql.ts'
import { DASHBOARDS } from '../names.ts'
import { alertRule, type ProvisionedRule } from './rule.ts'

const REQUESTS = pipeline(APPLICATIONS, EVENT.server)
const BY_SERVICE = 'service_name, deployment_environment_name'

function counted(records: string, by: string = BY_SERVICE): string {
  return `sum by (${by}) (count_over_time(${records} [5m]))`
}

export function applicationRules(): ProvisionedRule[] {
  return [failedRequests(), failedShare(), slowRequests(), crashes(), cacheErrors(), upstreamDown()]
}

function failedRequests(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-failed-requests',
    title: 'Requests fail',
    query: counted(pipeline(APPLICATIONS, EVENT.request, IS_FAILED), `${BY_SERVICE}, http_response_status_code`),
    above: 10,
    during: '0s',
    severity: 'warning',
    summary:
      '{{ $labels.service_name }} answered {{ $values.A.Value }} requests with {{ $labels.http_response_status_code }} in 5 minutes.',
    description:
      'Open the dashboard Errors, choose the service, pick one of the newest failed requests and read its lines down to the first error: the hop that wrote it is the one to mend. 502, 503 and 504 of a load balancer: see the dashboard Load balancer, an upstream is down.',
    dashboard: DASHBOARDS.errors,
  })
}

function failedShare(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-failed-share',
    title: 'A large share of the requests fails',
    // 20 requests at least: one of two at night is no alarm.
    query: `${counted(pipeline(REQUESTS, IS_FAILED))} / (${counted(REQUESTS)} > 20) * 100`,
    above: 5,
    during: '5m',
    severity: 'critical',
    summary: '{{ $labels.service_name }} fails {{ printf "%.1f" $values.A.Value }} % of its requests.',
    description:
      'Look at the dashboard Services for when it began, and at what was deployed then. The dashboard Errors shows which error it is, and which routes.',
    dashboard: DASHBOARDS.services,
  })
}

function slowRequests(): ProvisionedRule {
  const durations = pipeline(REQUESTS, unwrapped('tracelog_response_time_ms'))
  return alertRule('loki', {
    uid: 'tracelog-slow-requests',
    title: 'Requests are slow',
    query: `quantile_over_time(0.95, ${durations} [5m]) by (${BY_SERVICE})`,
    above: 2_000,
    during: '10m',
    severity: 'warning',
    summary:
      'The slowest 5 % of the requests of {{ $labels.service_name }} take {{ printf "%.0f" $values.A.Value }} ms or more.',
    description:
      'The dashboard Services shows which hop takes the time. If it is the cache, see the dashboard Cache (cold, slow or away); if it is an outgoing call, follow one slow request to see which.',
    dashboard: DASHBOARDS.services,
  })
}

function crashes(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-crashes',
    title: 'A process crashed',
    query: counted(pipeline(APPLICATIONS, PROCESS_END)),
    above: 0,
    during: '0s',
    severity: 'critical',
    summary:
      '{{ $labels.service_name }} ended {{ $values.A.Value }} times in 5 minutes because nobody handled an error.',
    description:
      'The dashboard Errors shows the stack of the uncaught exception. Whoever restarts the process hides it: look for how often.',
    dashboard: DASHBOARDS.errors,
  })
}

function cacheErrors(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-cache-errors',
    title: 'Cache look-ups fail',
    query: counted(pipeline(APPLICATIONS, EVENT.cache, IS_ERROR), `${BY_SERVICE}, tracelog_cache_name`),
    above: 5,
    during: '0s',
    severity: 'warning',
    summary:
      '{{ $values.A.Value }} look-ups of {{ $labels.service_name }} in {{ $labels.tracelog_cache_name }} failed in 5 minutes.',
    description:
      'Requests go on without the cache, so what is behind it gets all of them. The dashboard Cache shows the error: a refused connection means that the cache is down, a time-out that it or the network is overloaded.',
    dashboard: DASHBOARDS.cache,
  })
}

function upstreamDown(): ProvisionedRule {
  return alertRule('loki', {
    uid: 'tracelog-upstream-down',
    title: 'An upstream is down',
    query: counted(pipeline(APPLICATIONS, EVENT.loadBalancer, FAILED_ATTEMPT), 'service_name, upstream'),
    above: 5,
    during: '0s',
    severity: 'critical',
    summary: '{{ $labels.upstream }} failed {{ $values.A.Value }} attempts of {{ $labels.service_name }} in 5 minutes.',
    description:
      'Look whether that process runs and listens. While the load balancer finds another one, clients only wait longer; when it does not, they get 502 or 503: the dashboard Load balancer shows which.',
    dashboard: DASHBOARDS.loadBalancer,
  })
}
