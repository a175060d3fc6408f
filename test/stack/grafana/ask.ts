/** The HTTP APIs that Grafana's data sources use: what they answer as a list of rows. */
import { RANGE_SECONDS, STEP_SECONDS } from './substitute.ts'

export interface Row {
  readonly labels: Readonly<Record<string, string>>
  /** The newest value; for records the newest line. */
  readonly last: string
  /** How many values or lines. */
  readonly count: number
}

interface LokiAnswer {
  readonly data: {
    readonly resultType: string
    readonly result: readonly {
      readonly metric?: Record<string, string>
      readonly stream?: Record<string, string>
      readonly value?: [number, string]
      readonly values?: [number | string, string][]
    }[]
  }
}

async function json(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const query = new URLSearchParams(parameters).toString()
  const response = await fetch(`${url}?${query}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}\n${decodeURIComponent(query)}`)
  return JSON.parse(text)
}

const nowSeconds = (): number => Math.ceil(Date.now() / 1_000)

/** Loki and Prometheus have the same form. @param at  of an instant query; seconds */
export async function askNow(url: string, query: string, at: number = nowSeconds()): Promise<readonly Row[]> {
  return rows(await json(`${url}/query`, { query, time: String(at) }))
}

export async function askRange(url: string, query: string, limit = 1_000): Promise<readonly Row[]> {
  const to = nowSeconds() + 1
  const range = { start: String(to - RANGE_SECONDS), end: String(to), step: String(STEP_SECONDS) }
  return rows(await json(`${url}/query_range`, { query, limit: String(limit), ...range }))
}

function rows(answer: unknown): readonly Row[] {
  return (answer as LokiAnswer).data.result.map(({ metric, stream, value, values = [] }) => {
    const all = value === undefined ? values : [value]
    return { labels: metric ?? stream ?? {}, last: all.at(-1)?.[1] ?? '', count: all.length }
  })
}

export interface Line {
  readonly timeUnixNano: bigint
  readonly labels: Readonly<Record<string, string>>
  readonly text: string
}

/** Records, oldest first. */
export async function askLines(url: string, query: string): Promise<readonly Line[]> {
  const to = nowSeconds() + 1
  const parameters = { query, limit: '1000', start: String(to - RANGE_SECONDS), end: String(to) }
  const answer = (await json(`${url}/query_range`, parameters)) as LokiAnswer
  const lines = answer.data.result.flatMap(({ stream = {}, values = [] }) =>
    values.map(([time, text]) => ({ timeUnixNano: BigInt(time), labels: stream, text })),
  )
  return lines.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano))
}

/** What a variable of a dashboard offers. */
export async function askLabelValues(url: string, label: string): Promise<readonly string[]> {
  const start = String(nowSeconds() - RANGE_SECONDS)
  return ((await json(`${url}/label/${label}/values`, { start })) as { data?: string[] }).data ?? []
}

/** TraceQL that gives spans. */
export async function searchTempo(url: string, q: string, limit = 20): Promise<readonly { traceID: string }[]> {
  const end = nowSeconds() + 1
  const parameters = { q, limit: String(limit), spss: '3', start: String(end - RANGE_SECONDS), end: String(end) }
  const answer = (await json(`${url}/api/search`, parameters)) as {
    traces?: { traceID: string }[]
  }
  return answer.traces ?? []
}

/** TraceQL that gives numbers over time. */
export async function askTempo(url: string, q: string): Promise<readonly Row[]> {
  const end = nowSeconds()
  const parameters = { q, start: String(end - RANGE_SECONDS), end: String(end), step: '15s' }
  const answer = (await json(`${url}/api/metrics/query_range`, parameters)) as {
    series?: { labels: { key: string; value: Record<string, unknown> }[]; samples: { value?: number }[] }[]
  }
  return (answer.series ?? []).map(({ labels, samples }) => ({
    labels: Object.fromEntries(labels.map(({ key, value }) => [key, String(Object.values(value)[0])])),
    last: String(samples.at(-1)?.value ?? 0),
    count: samples.length,
  }))
}

/** How many spans of each service a trace has; empty when there is no such trace. */
export async function servicesOfTrace(url: string, traceId: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v2/traces/${traceId}`)
  if (response.status === 404) return []
  const answer = (await response.json()) as {
    trace?: { resourceSpans?: { resource: { attributes: { key: string; value: { stringValue?: string } }[] } }[] }
  }
  return (answer.trace?.resourceSpans ?? []).map(
    ({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '',
  )
}
