/** Loki and Tempo, linked both ways; Prometheus where there is one. */
import { requestOfToday } from './links.ts'
import { ADDRESSES, DATA_SOURCES, TENANT } from './names.ts'
import { fromEnvironment } from './provisioning-text.ts'

/** A line may be written a while after its span began, and a span may end after its line. */
const AROUND_A_SPAN = { spanStartTimeShift: '-5m', spanEndTimeShift: '5m' }

/** A header of each request: its name, and its value where Grafana keeps secrets. */
const TENANT_HEADER = { httpHeaderName1: 'X-Scope-OrgID' }
const TENANT_VALUE = { secureJsonData: { httpHeaderValue1: fromEnvironment(TENANT) } }

/** @param hasPrometheus  only with compose.metrics.yaml: Tempo's service graph is then drawn from it */
export function dataSources(hasPrometheus: boolean): object {
  const sources = [loki(), tempo(hasPrometheus), ...(hasPrometheus ? [prometheus()] : [])]
  // prune: a source that is no longer in the file goes away.
  return { apiVersion: 1, prune: true, datasources: sources }
}

function loki(): object {
  // Grafana tests this against each name of a record's attributes and takes the first that matches: without the anchors
  // an attribute such as parent_trace_id would be taken (getDerivedFields.ts of Grafana).
  // Both links are of one field; its name is that of no attribute, since tables make a field of each of those.
  const matcher = { name: 'trace', matcherType: 'label', matcherRegex: '^trace_id$' }
  return {
    ...source('Loki', 'loki'),
    isDefault: true,
    ...TENANT_VALUE,
    jsonData: {
      ...TENANT_HEADER,
      maxLines: 1_000,
      derivedFields: [
        // A Viewer may open this one.
        { ...matcher, url: requestOfToday('${__value.raw}'), urlDisplayLabel: 'Follow this request' },
        // And only an Editor this one, since it leads to Explore.
        {
          ...matcher,
          datasourceUid: DATA_SOURCES.tempo,
          url: '${__value.raw}',
          urlDisplayLabel: 'Trace in Tempo',
        },
      ],
    },
  }
}

function tempo(hasPrometheus: boolean): object {
  return {
    ...source('Tempo', 'tempo'),
    ...TENANT_VALUE,
    jsonData: {
      ...TENANT_HEADER,
      // Not filterByTraceID: it searches the text of the lines, where our ids are not.
      tracesToLogsV2: {
        datasourceUid: DATA_SOURCES.loki,
        ...AROUND_A_SPAN,
        customQuery: true,
        query: '{${__tags}} | trace_id="${__trace.traceId}" | span_id="${__span.spanId}"',
        tags: [{ key: 'service.name', value: 'service_name' }],
      },
      nodeGraph: { enabled: true },
      ...(hasPrometheus ? { serviceMap: { datasourceUid: DATA_SOURCES.prometheus } } : {}),
    },
    // On each span, also for a Viewer; traceID and spanID are Grafana's names for fields of a trace.
    correlations: [
      {
        label: 'Lines of this span',
        description: 'What was written while this span was open',
        type: 'external',
        config: { field: 'spanID', target: { url: requestOfToday('${traceID}', '${spanID}') } },
      },
    ],
  }
}

function prometheus(): object {
  return { ...source('Prometheus', 'prometheus'), jsonData: { httpMethod: 'POST', timeInterval: '15s' } }
}

function source(name: string, type: keyof typeof DATA_SOURCES): object {
  const url = fromEnvironment(ADDRESSES[type])
  return { name, type, uid: DATA_SOURCES[type], access: 'proxy', url, editable: false }
}
