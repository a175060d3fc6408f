/**
 * `@org/tracelog/processor`: the types of a plugin that a rule of the local backend hands records to (`do: exec`).
 *
 * @example
 * ```js
 * // page-someone.mjs
 * export default function create({ options, log }) {
 *   return {
 *     match: (record) => record.status >= 500,
 *     async handle(records) { await page(options.channel, records.map(({ message }) => message)) },
 *   }
 * }
 * ```
 */
import type { AnyValue, Attributes } from './model/any-value.ts'
import type { LogRow } from './model/api.ts'

export type { AnyValue, Attributes } from './model/any-value.ts'

/** A record (or a span) under the keys of a flat line, and its attributes with their types. */
export type FlatRecord = LogRow & {
  readonly attributes: Attributes
  /** Attributes of the resource. */
  readonly resource: Attributes
}

export interface ProcessorContext {
  /** Of the rule. */
  readonly name: string
  /** `options` of the rule. */
  readonly options: Readonly<Record<string, AnyValue>>
  /** Aborted when the plugin is to end. */
  readonly signal: AbortSignal
  /** Writes a record of the scope `tracelog.rule`; no plugin is given it, and it is not sent on. */
  log(message: string, attributes?: Attributes): void
}

export interface Processor {
  /** Called for each record; default: all are meant. A throw counts as false, and is counted. More than 50 ms is a fault. */
  match?(record: FlatRecord): boolean
  /** Resolved: done. Rejected: these records failed; they are counted, and not offered again. One at a time. */
  handle(records: readonly FlatRecord[]): void | Promise<void>
  /** At the end; may take 5 s. */
  stop?(): void | Promise<void>
}

/** The default export of a plugin's module; may take 10 s. */
export type CreateProcessor = (context: ProcessorContext) => Processor | Promise<Processor>
