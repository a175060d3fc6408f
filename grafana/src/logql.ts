/**
 * The parts that queries to Loki are made of.
 *
 * Attribute names are those of the flat line's table with `_` for each dot, as Loki stores them (structured metadata).
 */

/** What was chosen above. Loki refuses a selector in which every matcher may be empty, so one may not. */
export const CHOSEN = '{service_name!="", service_name=~"$service", deployment_environment_name=~"$environment"}'

/** Everything that applications sent, for alerts: they have no variables. */
export const APPLICATIONS = '{service_name!="", service_name!~"otelcol.*"}'

/** The Collector's own records (selflogs.yaml). The contrib image calls itself otelcol-contrib. */
export const COLLECTOR = '{service_name=~"otelcol.*"}'

/** What the Collector's exporters say when something is lost for good, and when they will try again. */
export const EXPORT = {
  dropped: '|= "Dropping data"',
  rejected: '|= "Rejecting data"',
  retried: '|= "Will retry the request"',
} as const

/** Completion records, one per hop. Load balancers are known by their event: any service may be one. */
export const EVENT = {
  server: 'event_name="tracelog.http.server.end"',
  loadBalancer: 'event_name="tracelog.lb.end"',
  cache: 'event_name="tracelog.cache.end"',
  /** Both that a request can come in by. */
  request: 'event_name=~"tracelog[.](lb|http[.]server)[.]end"',
  hop: 'event_name=~"tracelog[.](lb|http[.]server|cache)[.]end"',
  /** A task has one of each. */
  task: 'event_name=~"tracelog[.]task[.](start|end)"',
  /** What the flight recorder says before it sends lines. */
  dump: 'event_name="tracelog.recorder.dump"',
} as const

/** `detected_level` has the application's own word when it sent one: npm, syslog and bunyan have different ones. */
const LEVEL_WORDS = {
  error: 'error|err|fatal|critical|crit|alert|emerg|emergency|panic',
  warn: 'warn|warning',
  info: 'info|information|notice|log|unknown',
  debug: 'debug|verbose|silly',
} as const

/** From this level up, as a regular expression for `detected_level`. */
export const LEVELS_FROM = {
  error: LEVEL_WORDS.error,
  warn: `${LEVEL_WORDS.error}|${LEVEL_WORDS.warn}`,
  info: `${LEVEL_WORDS.error}|${LEVEL_WORDS.warn}|${LEVEL_WORDS.info}`,
  debug: `${LEVEL_WORDS.error}|${LEVEL_WORDS.warn}|${LEVEL_WORDS.info}|${LEVEL_WORDS.debug}`,
} as const

export const IS_ERROR = `detected_level=~"${LEVELS_FROM.error}"`
/** `:raw`, or Grafana would escape the `|` of the value. */
export const IS_CHOSEN_LEVEL = 'detected_level=~"${level:raw}"'
export const IS_FAILED = 'http_response_status_code>=500'

/** A process that ended because nobody handled an error. */
export const PROCESS_END = 'event_name=~"process[.](uncaught_exception|unhandled_rejection)"'

/**
 * Requests of a load balancer whose first attempt failed; its label `upstream` is who failed it: the first of
 * `["a:1","b:2"]`. HAProxy does not list its attempts and names the last one alone, which is to blame only if it failed.
 */
export const FAILED_ATTEMPT = `tracelog_retries>0 or http_response_status_code=~"50[234]" | label_format upstream=\`${[
  '{{ if .tracelog_upstream_tried }}{{ regexReplaceAll "^..|\\x22.*$" .tracelog_upstream_tried "" }}',
  '{{ else if and .tracelog_upstream (ge (int .http_response_status_code) 500) }}{{ .tracelog_upstream }}',
  '{{ else }}one of {{ or .tracelog_lb_backend "its upstreams" }}{{ end }}',
].join('')}\``

/**
 * A number of each record. Without a `by` each record would be a series of its own, and Loki stops at 500: quantiles and
 * extremes take a `by` themselves, `sum_over_time` refuses one and needs a `sum` around it.
 */
export function unwrapped(attribute: string): string {
  return `unwrap ${attribute} | __error__=""`
}

/**
 * Where a task stands in its tree, as the label `task`: the path of its records without their own numbers, so that its start and its
 * end have the same.
 */
export const TASK_PATH = 'label_format task=`{{ regexReplaceAll "(^|/)[^/]+$" .tracelog_task_path "" }}`'

/** A selector and what follows it. */
export function pipeline(selector: string, ...stages: readonly string[]): string {
  return [selector, ...stages].join(' | ')
}

/** How a record reads in a list: who, where in the tasks, which hop, whether recovered, what, how long, through what; the error with its stack below. */
export const AS_LINE = `line_format \`${[
  '{{ printf "%-16s" .service_name }} ',
  '{{ if .tracelog_task_path }}{{ .tracelog_task_path }} {{ end }}',
  '{{ if .tracelog_buffered }}(recovered) {{ end }}',
  '{{ if .tracelog_component }}[{{ .tracelog_component }}] {{ end }}',
  '{{ __line__ }}',
  '{{ if .tracelog_response_time_ms }} in {{ .tracelog_response_time_ms }} ms{{ end }}',
  '{{ if .tracelog_upstream }} from {{ .tracelog_upstream }}{{ end }}',
  '{{ if and .tracelog_retries (ne .tracelog_retries "0") }}, retries: {{ .tracelog_retries }}{{ end }}',
  '{{ if .exception_stacktrace }}{{ "\\n" }}{{ .exception_stacktrace }}',
  '{{ else if .exception_message }}{{ "\\n" }}{{ .exception_type }}: {{ .exception_message }}{{ end }}',
].join('')}\``
