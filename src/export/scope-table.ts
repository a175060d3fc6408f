/**
 * Scopes by number: what stands beside each record in the queue is two bytes, what goes on the wire is encoded once.
 */
import type { InstrumentationScope } from '../model/log-record.ts'
import { encodeScope } from '../model/otlp-request.ts'
import { OWN_SCOPE } from './dropped-record.ts'

/** Numbers of one byte pair; an application with more scopes than this gets the rest under the last one. */
const MAX_SCOPES = 65_535

/** The number of tracelog's own scope: what it says of itself is not counted. */
export const OWN_SCOPE_NUMBER = 0

export class ScopeTable {
  readonly #byObject = new WeakMap<InstrumentationScope, number>()
  readonly #byText = new Map<string, number>()
  readonly #encoded: Uint8Array[] = []
  #last: InstrumentationScope = OWN_SCOPE
  #lastNumber = OWN_SCOPE_NUMBER

  constructor() {
    this.#add(OWN_SCOPE)
  }

  /** The number of a scope; equal scopes have the same. */
  numberOf(scope: InstrumentationScope): number {
    if (scope === this.#last) return this.#lastNumber
    const number = this.#byObject.get(scope) ?? this.#add(scope)
    this.#last = scope
    this.#lastNumber = number
    return number
  }

  /** As it stands in a request. */
  encoded(number: number): Uint8Array {
    return this.#encoded[number] as Uint8Array
  }

  #add(scope: InstrumentationScope): number {
    const text = `${scope.name}\0${scope.version}\0${scope.attributes === undefined ? '' : textOf(scope.attributes)}`
    const number = this.#byText.get(text) ?? Math.min(this.#encoded.length, MAX_SCOPES)
    this.#encoded[number] ??= encodeScope(scope)
    if (number < MAX_SCOPES) this.#byText.set(text, number)
    this.#byObject.set(scope, number)
    return number
  }
}

function textOf(attributes: object): string {
  try {
    return JSON.stringify(attributes, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
  } catch {
    return ''
  }
}
