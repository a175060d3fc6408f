/**
 * How are single parts of a record redacted, where the record is never put together as an object?
 *
 * For writers that go straight to bytes (record/encoded-sink.ts says what each method promises). The same rules as for whole records;
 * what would have to be cut is not for them.
 */
import type { Attributes } from '../model/any-value.ts'
import { redactQuery } from '../model/secrets/redact-query.ts'
import { type InstrumentationScope, MAX_RECORD_BYTES } from '../model/log-record.ts'
import { isPlainName, redactMap, startAgain, type RedactionRules, type Walk } from './redact-value.ts'

export interface PartRedactor {
  text(text: string): string
  query(query: string): string
  spanAttributes(attributes: Attributes): Attributes
  logAttributes(attributes: Attributes): Attributes
  scope(scope: InstrumentationScope): InstrumentationScope
  isPlainKey(key: string): boolean
  readonly maxText: number
}

export interface PartRedactorOptions {
  readonly walk: Walk
  readonly spanWalk: Walk
  readonly redactScope: PartRedactor['scope']
}

export function createPartRedactor(rules: RedactionRules, options: PartRedactorOptions): PartRedactor {
  const { walk, spanWalk, redactScope } = options
  const { hideText, keys, minLength } = rules
  return {
    text: (text) => (text.length < minLength ? text : hideText(text)),
    query: (query) => (query.length < minLength ? query : hideText(redactQuery(query, keys))),
    spanAttributes: (attributes) => redactMap(attributes, startAgain(spanWalk), true),
    logAttributes: (attributes) => redactMap(attributes, startAgain(walk), true),
    scope: redactScope,
    isPlainKey: (key) => keys.kindOf(key) === undefined && isPlainName(key, rules),
    maxText: MAX_RECORD_BYTES / 2,
  }
}
