/**
 * Logs out of a file: flat lines (TRACELOG_FILE, `tracelog flatten`), the Collector's OTLP file, JSON and text of other programs.
 *
 * There is no index: each question reads the file, and those that it was rotated to, once or twice. Spans are there when the file is
 * one of the Collector's and holds them; else trees are made of records alone.
 */
import { comparing } from './compare.ts'
import { createSource } from './create-source.ts'
import type { LogSource } from './log-source.ts'
import { jsonlFacets, jsonlFields, jsonlHistogram } from './jsonl/counts.ts'
import { jsonlErrors } from './jsonl/errors.ts'
import { jsonlLogsPage } from './jsonl/logs-page.ts'
import { jsonlPatterns } from './jsonl/patterns.ts'
import { jsonlRequestsPage } from './jsonl/requests-page.ts'
import { jsonlTail } from './jsonl/tail.ts'
import { jsonlTrace } from './jsonl/traces.ts'

export interface JsonlSourceOptions {
  /** Absolute. */
  readonly path: string
  /** As it was given, for messages. */
  readonly name: string
}

/** Answers logs, requests, trace, tail and counts; reads nothing before it is asked. */
export function createJsonlSource({ path, name }: JsonlSourceOptions): LogSource {
  return createSource(name, {
    ...comparing({
      requests: (query) => jsonlRequestsPage(path, query),
      trace: (idOrPrefix) => jsonlTrace(path, idOrPrefix),
    }),
    logs: (query) => jsonlLogsPage(path, query),
    tail: (text, options) => jsonlTail(path, text, options),
    histogram: (query) => jsonlHistogram(path, query),
    facets: (query) => jsonlFacets(path, query),
    fields: (query) => jsonlFields(path, query),
    patterns: (query) => jsonlPatterns(path, query),
    errors: (query) => jsonlErrors(path, query),
  })
}
