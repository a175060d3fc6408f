import { expect, test } from 'vitest'

import * as schema from '../../src/model/otlp-schema.ts'
import { protobufjsTags } from '../support/otlp-proto.ts'

test.each([
  ['AnyValue', schema.ANY_VALUE],
  ['KeyValue', schema.KEY_VALUE],
  ['ArrayValue', schema.ARRAY_VALUE],
  ['KeyValueList', schema.KEY_VALUE_LIST],
  ['Resource', schema.RESOURCE],
  ['InstrumentationScope', schema.SCOPE],
  ['LogRecord', schema.LOG_RECORD],
  ['Span', schema.SPAN],
  ['Span.Event', schema.SPAN_EVENT],
  ['Span.Link', schema.SPAN_LINK],
  ['Span.Status', schema.STATUS],
])('%s has the fields and tags of the official definition', (message, tags) => {
  expect(tags).toEqual(protobufjsTags(message))
})

test.each([
  ['ExportLogsServiceRequest', schema.REQUEST],
  ['ExportTraceServiceRequest', schema.REQUEST],
  ['ResourceLogs', schema.RESOURCE_ITEMS],
  ['ResourceSpans', schema.RESOURCE_ITEMS],
  ['ScopeLogs', schema.SCOPE_ITEMS],
  ['ScopeSpans', schema.SCOPE_ITEMS],
])('%s has the tags that both signals share, in the same order', (message, tags) => {
  expect(Object.values(tags)).toEqual(Object.values(protobufjsTags(message)))
})
