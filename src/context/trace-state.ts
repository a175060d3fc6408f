/**
 * What does a `tracestate` header hold? The API's TraceState by the grammar of W3C Trace Context level 2: parse all or drop.
 *
 * Levels differ: a key may begin with a digit and holds `@` anywhere. An unchanged state is written as it was read, but for a
 * key that stands there twice: its first member is kept (W3C's suite takes both, or either), the newest by the header's order.
 */
import type { TraceState } from '@opentelemetry/api'

import { listMembers, MAX_TRACESTATE, withinLength } from '../model/header-text.ts'
import {
  EMPTY_MEMBER,
  formatTracelogMember,
  parseTracelogMember,
  type TracelogMember,
} from '../model/tracelog-member.ts'

/** Our own member: `<letter>:<value>` parts joined by `;` (spec, hops, "Propagation"). For trusted peers only. */
export const OWN_MEMBER = 'tracelog'

/** Members in one header; more is malformed. Source: Trace Context level 2, 3.3.1.1. */
const MAX_MEMBERS = 32
/** Longer members are the first to go when the header is too long. Source: the same, 3.3.1.5. */
const LARGE_MEMBER = 128

const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/
/** Printable ASCII without `,` and `=`, no blank at the end. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** @returns `undefined` for an empty or malformed header */
export function parseTraceState(header: string): TraceState | undefined {
  const list = listMembers(header)
  if (list.length > MAX_MEMBERS) return undefined
  const members = new Map<string, string>()
  for (const member of bounded(list)) {
    const equals = member.indexOf('=')
    const key = member.slice(0, equals)
    const value = member.slice(equals + 1)
    if (equals < 1 || !KEY.test(key) || !VALUE.test(value)) return undefined
    if (!members.has(key)) members.set(key, value)
  }
  return members.size === 0 ? undefined : new MemberList(members)
}

/** Whole members only: where they are too long together, the large ones go first, then the last ones. */
function bounded(list: readonly string[]): readonly string[] {
  if (withinLength(list, MAX_TRACESTATE) === list) return list
  return withinLength(
    list.filter((member) => member.length <= LARGE_MEMBER),
    MAX_TRACESTATE,
  )
}

class MemberList implements TraceState {
  readonly #members: ReadonlyMap<string, string>

  constructor(members: ReadonlyMap<string, string>) {
    this.#members = members
  }

  get(key: string): string | undefined {
    return this.#members.get(key)
  }

  set(key: string, value: string): TraceState {
    if (!KEY.test(key) || !VALUE.test(value)) return this
    const others = [...this.#members].filter(([name]) => name !== key)
    // Changed members come first; the oldest go when there are too many.
    return new MemberList(new Map([[key, value], ...others.slice(0, MAX_MEMBERS - 1)]))
  }

  unset(key: string): TraceState {
    if (!this.#members.has(key)) return this
    return new MemberList(new Map([...this.#members].filter(([name]) => name !== key)))
  }

  serialize(): string {
    return Array.from(this.#members, ([key, value]) => `${key}=${value}`).join(',')
  }
}

/** The state without our own member; `undefined` when nothing is left. */
export function withoutOwnMember(state: TraceState | undefined): TraceState | undefined {
  if (state?.get(OWN_MEMBER) === undefined) return state
  const others = state.unset(OWN_MEMBER)
  return others.serialize() === '' ? undefined : others
}

/**
 * The state with these parts in our own member; its other parts are passed on as they came.
 *
 * A malformed member is ignored whole, so a new one takes its place; a member that says nothing is left out.
 */
export function withOwnParts(
  state: TraceState | undefined,
  parts: Partial<Omit<TracelogMember, 'others'>>,
): TraceState | undefined {
  const received = readOwnMember(state) ?? EMPTY_MEMBER
  const value = formatTracelogMember({ ...received, ...parts })
  if (value === '') return withoutOwnMember(state)
  return state === undefined ? parseTraceState(`${OWN_MEMBER}=${value}`) : state.set(OWN_MEMBER, value)
}

/** What our own member says; `undefined` where there is none, or a malformed one. */
export function readOwnMember(state: TraceState | undefined): TracelogMember | undefined {
  const value = state?.get(OWN_MEMBER)
  return value === undefined ? undefined : parseTracelogMember(value)
}
