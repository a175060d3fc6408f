/**
 * What becomes of each field of a plain record? Asked once per key: applications use few.
 */
import { type KeyBytes, keyBytesOf } from '../model/proto-key.ts'
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '../model/semconv.ts'
import type { PartRedaction } from './encoded-sink.ts'

/** `field`: an attribute. `skip`: told elsewhere. `leave`: such a record is for the general path. */
export type FieldRole = 'field' | 'skip' | 'leave'

export interface KnownField {
  readonly role: FieldRole
  readonly key: KeyBytes
}

/** Ids in the place of keys must not fill the memory. */
const MAX_KNOWN = 4096
/** A longer one is somebody's data in the wrong place. Characters. */
const MAX_KEY_LENGTH = 256

/** Of one source of records: what its own fields are. */
export class FieldRoles {
  readonly #own: (key: string) => FieldRole
  readonly #known = new Map<string, KnownField>()
  /** By whose rules they are known. */
  #redaction: PartRedaction | undefined

  /** @param own  what a key is to the source; default: all are fields */
  constructor(own: (key: string) => FieldRole = () => 'field') {
    this.#own = own
  }

  of(key: string, redaction: PartRedaction): KnownField {
    if (redaction !== this.#redaction) this.#forget(redaction)
    return this.#known.get(key) ?? this.#learn(key, redaction)
  }

  #forget(redaction: PartRedaction): void {
    this.#known.clear()
    this.#redaction = redaction
  }

  #learn(key: string, redaction: PartRedaction): KnownField {
    const own = this.#own(key)
    const known = { role: own === 'field' && !isPlainKey(key, redaction) ? 'leave' : own, key: keyBytesOf(key) }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, known)
    return known
  }
}

/** What the general path would write as it is: names without a letter or digit get one, URLs have rules of their own. */
function isPlainKey(key: string, redaction: PartRedaction): boolean {
  if (key.length > MAX_KEY_LENGTH || !/[A-Za-z0-9]/.test(key) || !key.isWellFormed()) return false
  return key !== '__proto__' && key !== ATTR_URL_FULL && key !== ATTR_URL_QUERY && redaction.isPlainKey(key)
}
