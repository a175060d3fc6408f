/**
 * Lines of a file -> requests of OTLP/JSON that a receiver takes, each resource marked with the file that it came from.
 *
 * A line is a request of OTLP/JSON or a flat line; flat lines are gathered. The header of an exported file is no record of the
 * application's, and is left out.
 */
import type { AnyValue } from '../../model/any-value.ts'
import { type FlatRecord, recordOfFields } from '../../model/flat-line-read.ts'
import { logsToJson } from '../../model/otlp-json.ts'
import { EVENT_EXPORT } from '../export/export-header.ts'

/** The attribute of each resource, and of the record that says that the whole file is here. */
export const IMPORT_KEY = 'tracelog.import'

export interface OtlpBody {
  readonly signal: 'logs' | 'traces'
  readonly body: unknown
}

/** Flat lines of one request. */
const GATHERED = 500

export class ImportBatch {
  readonly #file: string
  #flat: FlatRecord[] = []

  /** @param file  the first digits of its SHA-256 */
  constructor(file: string) {
    this.#file = file
  }

  /** @returns what is to be sent now. @throws when the line is neither */
  take(line: string): OtlpBody[] {
    if (line.trim() === '') return []
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('the line is no JSON object')
    const { resourceLogs, resourceSpans } = value as Readonly<Record<string, unknown>>
    if (!Array.isArray(resourceLogs) && !Array.isArray(resourceSpans))
      return this.#takeFlat(value as Record<string, AnyValue>)
    return [
      ...(Array.isArray(resourceLogs) && !isHeader(resourceLogs)
        ? [{ signal: 'logs', body: { resourceLogs: resourceLogs.map((one) => this.#marked(one)) } } as const]
        : []),
      ...(Array.isArray(resourceSpans)
        ? [{ signal: 'traces', body: { resourceSpans: resourceSpans.map((one) => this.#marked(one)) } } as const]
        : []),
    ]
  }

  /** What has been gathered. */
  rest(): OtlpBody[] {
    const records = this.#flat
    this.#flat = []
    if (records.length === 0) return []
    const resourceLogs = records.map(({ record, resource, scope }) => ({
      resource: { attributes: { ...resource.attributes, [IMPORT_KEY]: this.#file } },
      scopes: [{ scope, records: [record] }],
    }))
    return [{ signal: 'logs', body: logsToJson(resourceLogs) }]
  }

  #takeFlat(fields: Record<string, AnyValue>): OtlpBody[] {
    if (fields['event'] === EVENT_EXPORT) return []
    this.#flat.push(recordOfFields(fields))
    return this.#flat.length >= GATHERED ? this.rest() : []
  }

  #marked(value: unknown): unknown {
    const { resource, ...rest } = value as {
      readonly resource?: { readonly attributes?: readonly { readonly key: string }[] }
    }
    const attributes = (resource?.attributes ?? []).filter(({ key }) => key !== IMPORT_KEY)
    const mark = { key: IMPORT_KEY, value: { stringValue: this.#file } }
    return { ...rest, resource: { ...resource, attributes: [...attributes, mark] } }
  }
}

/** The one record that `tracelog export` writes first. */
function isHeader(resourceLogs: readonly unknown[]): boolean {
  const [first] = resourceLogs as { readonly scopeLogs?: readonly { readonly scope?: { readonly name?: unknown } }[] }[]
  return resourceLogs.length === 1 && first?.scopeLogs?.[0]?.scope?.name === EVENT_EXPORT
}

/** Says that the whole file is here, so that it is not taken twice. */
export function importedRecord(file: string, name: string, nowMillis: number): OtlpBody {
  const time = BigInt(nowMillis) * 1_000_000n
  const record = {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: IMPORT_KEY,
    body: `imported ${name}`,
    attributes: { [`${IMPORT_KEY}.file`]: file },
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
  const resource = { attributes: { 'service.name': 'tracelog', [IMPORT_KEY]: file } }
  return {
    signal: 'logs',
    body: logsToJson([{ resource, scopes: [{ scope: { name: IMPORT_KEY, version: '' }, records: [record] }] }]),
  }
}
