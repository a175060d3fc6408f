/**
 * Text and numbers in LogQL: what a user wrote can only ever be a value, never a part of the query.
 *
 * LogQL's strings are Go's: `"..."` with backslash escapes. All but printable ASCII is escaped, so that no character can mean
 * something to Loki's scanner. Regular expressions are RE2's.
 */

/** @param text  well-formed (`isWellFormed()`): half a surrogate pair has no escape in Go */
export function quoted(text: string): string {
  const escaped = Array.from(text, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    const code = character.codePointAt(0) as number
    if (code >= 0x20 && code < 0x7f) return character
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
  })
  return `"${escaped.join('')}"`
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0')
}

/** The text itself as a regular expression. */
export function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

/**
 * The whole value of a label; `*` is any text, newlines too.
 *
 * Loki 3.7.8 takes a plain `4b.*` in a label filter for "contains 4b", against its documentation; with a flag and anchors it is read as
 * written (test/contract/source.contract.ts, `trace!=`, would find out).
 */
export function globRegex(glob: string): string {
  return `^(?s:${glob.split('*').map(literal).join('.*')})$`
}

/**
 * Finds at least every text in which JavaScript's `toLowerCase` finds the words: RE2 folds case otherwise beyond ASCII, so those
 * characters stand for anything; `İ` in lower case holds an `i`.
 */
export function anyCaseRegex(text: string): string {
  const parts = text.toLowerCase().split(/[^\x20-\x7e]+/)
  return `(?is)${parts.map((part) => literal(part).replaceAll('i', '[i\u0130]')).join('.*')}`
}

/**
 * The other way round: finds only texts in which `toLowerCase` finds the words too, in ASCII of either case.
 *
 * @returns undefined for words beyond ASCII
 */
export function asciiCaseRegex(text: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(text)) return undefined
  return Array.from(text, (c) => (/[a-z]/i.test(c) ? `[${c.toLowerCase()}${c.toUpperCase()}]` : literal(c))).join('')
}

/** As LogQL writes a number; undefined when it has no plain form there. */
export function numberText(value: number): string | undefined {
  const text = String(value)
  return /^\d+(?:\.\d+)?$/.test(text) ? text : undefined
}

/** The line as a label, for a word that stands beside conditions on labels. No attribute is asked for under this name. */
export const LINE = 'tracelog_query_line'

/** Words that LogQL's grammar takes for something else than a label's name. Source: Loki 3.7, pkg/logql/syntax/lex.go. */
const RESERVED: ReadonlySet<string> = new Set(
  `and or unless by without bool offset on ignoring group_left group_right json regexp logfmt pattern unpack unwrap label_format
  line_format label_replace decolorize drop keep distinct variants of ip duration duration_seconds bytes rate rate_counter
  count_over_time bytes_rate bytes_over_time avg_over_time sum_over_time min_over_time max_over_time stdvar_over_time
  stddev_over_time quantile_over_time absent_over_time first_over_time last_over_time vector sum avg min max count stddev stdvar
  bottomk topk approx_topk sort sort_desc`.split(/\s+/),
)

/** Whether a folded name may stand in a query. Others are looked at after reading. */
export function isLabelName(name: string): boolean {
  return (
    name !== LINE &&
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) &&
    !name.startsWith('__') &&
    !RESERVED.has(name.toLowerCase())
  )
}
