/**
 * The scopes of one batch by number: what stands beside each record is two bytes, what goes on the wire is encoded once per process.
 */
import type { InstrumentationScope } from '../model/log-record.ts'
import { OWN_SCOPE_NUMBER } from '../model/encoded-batch.ts'
import { encodeScope } from '../model/otlp-request.ts'
import { OWN_SCOPE } from './dropped-record.ts'

/** Numbers of one byte pair. */
const MAX_SCOPES = 65_535
/** Texts remembered to find equal scopes by; beyond it they are forgotten, and equal scopes may be encoded twice. */
const MAX_TEXTS = 10_000

interface KnownScope {
  readonly encoded: Uint8Array
  /** The batch that `number` belongs to. */
  batch: number
  number: number
}

export class ScopeTable {
  readonly #byObject = new WeakMap<InstrumentationScope, KnownScope>()
  readonly #byText = new Map<string, KnownScope>()
  readonly #own: KnownScope = { encoded: encodeScope(OWN_SCOPE), batch: 0, number: OWN_SCOPE_NUMBER }
  #batch = 0
  #encoded: Uint8Array[] = [this.#own.encoded]
  #last: InstrumentationScope = OWN_SCOPE
  #lastNumber = OWN_SCOPE_NUMBER

  constructor() {
    // By the object alone: an equal scope of somebody else is one whose records are counted.
    this.#byObject.set(OWN_SCOPE, this.#own)
  }

  /** No scope more can get a number in this batch. */
  get isFull(): boolean {
    return this.#encoded.length >= MAX_SCOPES
  }

  /** The number of a scope in this batch; equal scopes have the same. */
  numberOf(scope: InstrumentationScope): number {
    if (scope === this.#last) return this.#lastNumber
    const known = this.#byObject.get(scope) ?? this.#know(scope)
    if (known.batch !== this.#batch) {
      known.batch = this.#batch
      known.number = this.#encoded.push(known.encoded) - 1
    }
    this.#last = scope
    this.#lastNumber = known.number
    return known.number
  }

  /** The scope that has a number in this batch, encoded. */
  encoded(number: number): Uint8Array {
    return this.#encoded[number] as Uint8Array
  }

  /** The scopes of this batch by number, encoded; the next batch begins. */
  take(): readonly Uint8Array[] {
    const encoded = this.#encoded
    this.#encoded = [this.#own.encoded]
    this.#own.batch = ++this.#batch
    this.#last = OWN_SCOPE
    this.#lastNumber = OWN_SCOPE_NUMBER
    return encoded
  }

  #know(scope: InstrumentationScope): KnownScope {
    const text = textOf(scope)
    let known = this.#byText.get(text)
    if (known === undefined) {
      known = { encoded: encodeScope(scope), batch: -1, number: 0 }
      if (this.#byText.size >= MAX_TEXTS) this.#byText.clear()
      this.#byText.set(text, known)
    }
    this.#byObject.set(scope, known)
    return known
  }
}

function textOf({ name, version, attributes }: InstrumentationScope): string {
  return `${name}\0${version}\0${attributes === undefined ? '' : textOfAttributes(attributes)}`
}

function textOfAttributes(attributes: object): string {
  try {
    return JSON.stringify(attributes, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
  } catch {
    return ''
  }
}
