/**
 * What a click leads to: from a request to its lines, from a line to its trace, from a span to its lines; and what can be
 * chosen. Grafana's part (that the link is shown) is in grafana/PROVE.md; that what it asks is there, is shown here.
 */
import { expect, vi, type test } from 'vitest'

import { askLabelValues, askLines, searchTempo, servicesOfTrace, type Line } from './ask.ts'
import { dashboardsOf, provisioned, type BuiltPanel } from './built-queries.ts'
import { ZEROS_TRACE, type Stage } from './stage.ts'
import { substituted, type Chosen } from './substitute.ts'

export interface LinkTests {
  readonly withLoki: typeof test
  readonly withTempo: typeof test
  readonly stage: () => Stage
  readonly failedTrace: () => string
  readonly poll: { readonly timeout: number; readonly interval: number }
}

interface SourceFile {
  readonly datasources: readonly {
    readonly uid: string
    readonly jsonData: {
      readonly derivedFields?: readonly {
        readonly matcherRegex: string
        readonly url: string
        datasourceUid?: string
      }[]
      readonly tracesToLogsV2?: { readonly query: string; readonly tags: readonly { key: string; value: string }[] }
    }
    readonly correlations?: readonly { readonly config: { readonly target: { readonly url: string } } }[]
  }[]
}

const dashboard = dashboardsOf('dashboards').find(({ title }) => title === 'Follow one request')!
const panelOf = (title: string): BuiltPanel => dashboard.panels.find((panel) => panel.title === title)!
const EVERYTHING: Chosen = { service: '$__all', environment: '$__all', level: '.*' }
const [loki, tempo] = (provisioned('provisioning/datasources/tracelog.yaml') as SourceFile).datasources

/** The variables that a link of ours sets. */
function chosenBy(url: string, values: Readonly<Record<string, string>>): Chosen {
  const filled = url.replaceAll(/\$\{([\w.]+)\}/g, (whole, name: string) => values[name] ?? whole)
  const parameters = [...new URL(filled, 'http://grafana').searchParams].filter(([name]) => name.startsWith('var-'))
  return { ...EVERYTHING, ...Object.fromEntries(parameters.map(([name, value]) => [name.slice('var-'.length), value])) }
}

export function testLinks({ withLoki, withTempo, stage, failedTrace, poll }: LinkTests): void {
  const lokiApi = (): string => `${stage().loki.url}/loki/api/v1`
  const linesWith = (chosen: Chosen, title = 'Its lines, in order'): Promise<readonly Line[]> =>
    askLines(lokiApi(), substituted(panelOf(title).targets[0]!, dashboard, chosen))

  withLoki(
    'the lines of a picked request: load balancer, server, cache, the error with its stack, and back',
    async () => {
      const lines = await linesWith({ ...EVERYTHING, trace_id: failedTrace(), span_id: '' })
      const texts = lines.map(({ text }) => text)
      const places = [
        /^load-balancer +picked upstream/,
        /^api-server +cart asked for/,
        /^api-server +\[cache\] redis get miss in [\d.]+ ms/,
        /^api-server +request failed\nTypeError: Cannot read .*\n +at totalOf /,
        /^api-server +\[http_server\] GET \/api\/carts\/guest-\d+ 500 in [\d.]+ ms/,
        /^load-balancer +\[load_balancer\] GET \/api\/carts\/guest-\d+ 500 in [\d.]+ ms from 127.0.0.1:\d+/,
      ].map((pattern) => texts.findIndex((text) => pattern.test(text)))
      // A server may tell its end when the load balancer has the whole answer already: the last two come in either order.
      const inOrder = [...places.slice(0, 4), Math.min(...places.slice(4))]
      expect({ inOrder, texts }).toMatchObject({ inOrder: inOrder.toSorted((a, b) => a - b) })
      expect(places).not.toContain(-1)
      expect(new Set(lines.map(({ labels }) => labels['trace_id']))).toEqual(new Set([failedTrace()]))
    },
  )

  withLoki('no request is picked: no line, rather than all that have no trace', async () => {
    expect(await linesWith({ ...EVERYTHING, trace_id: '', span_id: '' })).toEqual([])
  })

  withTempo("a trace id out of Tempo's search lacks its leading zeros; its lines are found all the same", async () => {
    const search = (): Promise<readonly { traceID: string }[]> =>
      searchTempo(stage().tempo!.url, '{resource.service.name="zeros"}')
    await expect.poll(search, poll).toMatchObject([{ traceID: ZEROS_TRACE.replace(/^0+/, '') }])
    const [found] = await search()
    const lines = await linesWith({ ...EVERYTHING, trace_id: found!.traceID, span_id: '' })
    expect(lines.map(({ labels }) => labels['trace_id'])).toEqual([ZEROS_TRACE])
  })

  for (const title of ['Newest requests', 'Its hops']) {
    withLoki(`${title}: each column is an attribute that records have`, async () => {
      const lines = await linesWith({ ...EVERYTHING, trace_id: failedTrace(), span_id: '' }, title)
      const there = new Set(lines.flatMap(({ labels }) => Object.keys(labels)))
      expect([...there]).toEqual(expect.arrayContaining(columnsOf(panelOf(title))))
    })
  }

  withTempo('from a line to its trace: the link takes trace_id alone, and Tempo has the trace', async () => {
    const [line] = await linesWith({ ...EVERYTHING, trace_id: failedTrace(), span_id: '' })
    const names = [...Object.keys(line!.labels), 'parent_trace_id', 'trace_id_extracted']
    for (const { matcherRegex } of loki!.jsonData.derivedFields!) {
      expect(names.filter((name) => new RegExp(matcherRegex).test(name))).toEqual(['trace_id'])
    }
    const inTempo = loki!.jsonData.derivedFields!.find(({ datasourceUid }) => datasourceUid === 'tempo')!
    expect(inTempo.url).toBe('${__value.raw}')
    const trace = (): Promise<readonly string[]> => servicesOfTrace(stage().tempo!.url, failedTrace())
    await expect.poll(trace, poll).toEqual(expect.arrayContaining(['customers', 'load-balancer', 'api-server']))
  })

  withLoki('from a line to this dashboard: the same lines', async () => {
    const { url } = loki!.jsonData.derivedFields!.find(({ datasourceUid }) => datasourceUid === undefined)!
    const lines = await linesWith(chosenBy(url, { '__value.raw': failedTrace() }))
    expect(lines).toEqual(await linesWith({ ...EVERYTHING, trace_id: failedTrace(), span_id: '' }))
  })

  withLoki('from a span to its lines, in Explore and in this dashboard', async () => {
    const all = await linesWith({ ...EVERYTHING, trace_id: failedTrace(), span_id: '' })
    const spanId = all.find(({ labels }) => labels['service_name'] === 'api-server')!.labels['span_id']!
    const { query, tags } = tempo!.jsonData.tracesToLogsV2!
    const values: Readonly<Record<string, string>> = {
      __tags: `${tags[0]!.value}="api-server"`,
      '__trace.traceId': failedTrace(),
      '__span.spanId': spanId,
    }
    const inExplore = await askLines(
      lokiApi(),
      query.replaceAll(/\$\{([\w.]+)\}/g, (_, name: string) => values[name]!),
    )
    const { url } = tempo!.correlations![0]!.config.target
    const inDashboard = await linesWith(chosenBy(url, { traceID: failedTrace(), spanID: spanId }))
    expect(inExplore.length).toBeGreaterThan(2)
    expect(new Set(inExplore.map(({ labels }) => labels['span_id']))).toEqual(new Set([spanId]))
    expect(inDashboard.map(({ timeUnixNano }) => timeUnixNano)).toEqual(
      inExplore.map(({ timeUnixNano }) => timeUnixNano),
    )
  })

  withLoki('what can be chosen is what there is', async () => {
    await vi.waitUntil(async () => (await askLabelValues(lokiApi(), 'service_name')).includes('crasher'), poll)
    const labels = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.label]))
    expect(labels).toEqual(['service_name', 'deployment_environment_name'])
    expect(await askLabelValues(lokiApi(), labels[0]!)).toEqual(
      expect.arrayContaining(['api-server', 'customers', 'load-balancer', 'otelcol', 'users']),
    )
    expect(await askLabelValues(lokiApi(), labels[1]!)).toEqual(['test'])
  })

  withLoki('All shows what has no environment; an environment does not; an empty choice is no error', async () => {
    const target = dashboardsOf('dashboards')
      .find(({ title }) => title === 'Services')!
      .panels.at(0)!.targets[0]!
    const services = async (chosen: Chosen): Promise<readonly string[]> => {
      const selector = /\{[^}]*\}/.exec(target.expr!)![0]
      const lines = await askLines(lokiApi(), substituted({ ...target, expr: selector }, dashboard, chosen))
      return [...new Set(lines.map(({ labels }) => labels['service_name']!))]
    }
    expect(await services({ ...EVERYTHING, service: ['customers', 'users'] })).toEqual(
      expect.arrayContaining(['customers', 'users']),
    )
    expect(await services({ ...EVERYTHING, service: ['customers', 'users'], environment: ['test'] })).toEqual(['users'])
    expect(await services({ ...EVERYTHING, service: '', environment: '' })).toEqual([])
  })
}

/** The attributes that a table shows, out of its transformations. */
function columnsOf({ transformations = [] }: BuiltPanel): string[] {
  const { options } = transformations.find(({ id }) => id === 'organize')!
  const names = Object.keys(options['indexByName'] as object).map((name) => name.replace(/ \(\w+\)$/, ''))
  return names.filter((name) => name !== 'Time')
}
