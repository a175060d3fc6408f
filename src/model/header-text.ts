/**
 * How much of a header is read, and what are its members? For everything that comes from a client or an upstream.
 *
 * What a client sends costs time in proportion to its length and no more: a header is bounded before it is parsed, and
 * no regular expression here starts anew inside a run that it has read.
 */

/** Characters. Version 00 has 55; a later version may have more (W3C Trace Context level 2, 3.2.2). */
export const MAX_TRACEPARENT = 512
/** Characters. W3C asks for 512 at least (Trace Context level 2, 3.3.1.5); Node takes 16 KiB for all headers together. */
export const MAX_TRACESTATE = 8_192
/** Bytes of all members together. Source: W3C Baggage, "Limits". */
export const MAX_BAGGAGE = 8_192
/** Characters. A `Cache-Status` names each cache on the way. Source: RFC 9211 has no limit; ours. */
export const MAX_CACHE_STATUS = 4_096
/** Characters of one hop in `Forwarded` and its kin: two host names (RFC 1035: 255 each) and what stands around them. */
export const MAX_FORWARDED_HOP = 1_024

/** HTTP's optional white space: blanks and tabs, nothing else (`trim` would take line breaks and U+FEFF as well). */
export function trimBlanks(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The members of a comma list, trimmed; empty ones are left out, so that intermediaries may join headers carelessly. */
export function listMembers(header: string): string[] {
  return header
    .split(',')
    .map(trimBlanks)
    .filter((member) => member !== '')
}

/** The members that lie within the first `maxLength` characters of their list as a whole. */
export function withinLength(members: readonly string[], maxLength: number): readonly string[] {
  let length = -1
  const at = members.findIndex((member) => (length += member.length + 1) > maxLength)
  return at === -1 ? members : members.slice(0, at)
}

/** The first member of a comma list, trimmed: the hop nearest to the client. `undefined`: none, or a longer one. */
export function firstMember(header: string, maxLength: number): string | undefined {
  const comma = header.indexOf(',')
  const end = comma === -1 ? header.length : comma
  if (end > maxLength) return undefined
  const first = trimBlanks(header.slice(0, end))
  return first === '' ? undefined : first
}
