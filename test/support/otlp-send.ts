/** Sends records as a foreign SDK would, OTLP/JSON over HTTP, and says what the answer was. */
import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import { toJsonAttributes, toJsonValue } from '../../src/model/otlp-json-value.ts'
import { postJson } from './post-json.ts'

export interface SentRecord {
  readonly body?: AnyValue
  readonly attributes?: Attributes
  readonly eventName?: string
  /** 32 hex digits. */
  readonly traceId?: string
}

export interface SendOptions {
  /** `http://127.0.0.1:4318`. */
  readonly url: string
  readonly resource?: Attributes
  readonly scope?: Attributes
  /** Default `test`. */
  readonly scopeName?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** All in one request. @returns the HTTP status */
export async function sendLogs(records: readonly SentRecord[], options: SendOptions): Promise<number> {
  const logRecords = records.map(({ body, attributes = {}, ...others }) => ({
    timeUnixNano: nowUnixNano(),
    severityNumber: 9,
    severityText: 'info',
    ...(body !== undefined && { body: toJsonValue(body) }),
    attributes: toJsonAttributes(attributes),
    ...others,
  }))
  const { resource, scope } = containersOf(options)
  const body = { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] }
  return await postJson(`${options.url}/v1/logs`, body, options.headers)
}

/** One span with these attributes. @returns the HTTP status */
export async function sendSpan(traceId: string, attributes: Attributes, options: SendOptions): Promise<number> {
  const span = {
    traceId,
    spanId: traceId.slice(0, 16),
    name: 'work',
    kind: 1,
    startTimeUnixNano: nowUnixNano(),
    endTimeUnixNano: nowUnixNano(),
    attributes: toJsonAttributes(attributes),
  }
  const { resource, scope } = containersOf(options)
  const body = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] }
  return await postJson(`${options.url}/v1/traces`, body, options.headers)
}

function containersOf({
  resource = { 'service.name': 'shop' },
  scope = {},
  scopeName = 'test',
}: SendOptions): Record<string, object> {
  return {
    resource: { attributes: toJsonAttributes(resource) },
    scope: { name: scopeName, attributes: toJsonAttributes(scope) },
  }
}

function nowUnixNano(): string {
  return `${Date.now()}000000`
}
