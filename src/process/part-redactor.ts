/**
 * How are single parts of a record redacted, where the record is never put together as an object?
 *
 * For writers that go straight to bytes (model/part-redaction.ts says what each method promises). The same rules as for whole records;
 * what would have to be cut is not for them.
 */
import { createFirstLook } from '../model/secrets/first-look.ts'
import { redactQuery, redactUrlQuery } from '../model/secrets/redact-query.ts'
import { MAX_RECORD_BYTES } from '../model/log-record.ts'
import type { PartRedaction } from '../model/part-redaction.ts'
import { isPlainName, redactMap, startAgain, type RedactionRules, type Walk } from './redact-value.ts'

export interface PartRedactorOptions {
  readonly walk: Walk
  readonly spanWalk: Walk
  readonly redactScope: PartRedaction['scope']
}

export function createPartRedactor(rules: RedactionRules, options: PartRedactorOptions): PartRedaction {
  const { walk, spanWalk, redactScope } = options
  const { hideText, keys, minLength } = rules
  const hideUrl = (url: string) => (url.length < minLength ? url : hideText(redactUrlQuery(url, keys)))
  const mayHold = createFirstLook(keys)
  const isApart = createApartTest(rules, mayHold)
  return {
    text: (text) => (text.length < minLength ? text : hideText(text)),
    url: (origin, target) =>
      target.startsWith('/') && !target.includes('@') && isApart(origin)
        ? origin + hideUrl(target)
        : hideUrl(origin + target),
    // Patterns of the user's may hide anything.
    isClean: (text) => minLength > 0 && (text.length < minLength || !mayHold(text)),
    query: (query) => (query.length < minLength ? query : hideText(redactQuery(query, keys))),
    spanAttributes: (attributes) => redactMap(attributes, startAgain(spanWalk), true),
    logAttributes: (attributes) => redactMap(attributes, startAgain(walk), true),
    scope: redactScope,
    isPlainKey: (key) => keys.kindOf(key) === undefined && isPlainName(key, rules),
    maxText: MAX_RECORD_BYTES / 2,
  }
}

const MAX_ORIGINS = 1_000

/**
 * Whether nothing in an origin is a part of any secret, and so what follows it can be searched alone: the origin of each URL holds what
 * looks like one (`://`), which costs a search of the whole. A slash ends each key and each token; only up to an `@` all may be a login.
 */
function createApartTest(
  { minLength }: RedactionRules,
  mayHold: (text: string) => boolean,
): (origin: string) => boolean {
  const known = new Map<string, boolean>()
  // Patterns of the user's may hide anything.
  if (minLength === 0) return () => false
  return (origin) => {
    let isApart = known.get(origin)
    if (isApart === undefined) {
      isApart = !mayHold(`${origin}/`)
      if (known.size >= MAX_ORIGINS) known.clear()
      known.set(origin, isApart)
    }
    return isApart
  }
}
