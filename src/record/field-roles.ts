/**
 * What becomes of each field of a plain record? Asked once per key: applications use few.
 */
import { type KeyBytes, keyBytesOf } from '../model/proto-key.ts'
import { ATTR_TASK_PATH, ATTR_URL_FULL, ATTR_URL_QUERY } from '../model/semconv.ts'
import type { PartRedaction } from '../model/part-redaction.ts'

/** `field`: an attribute. `skip`: told elsewhere. `leave`: such a record is for the general path. */
export type FieldRole = 'field' | 'skip' | 'leave'

export interface KnownField {
  readonly name: string
  readonly role: FieldRole
  readonly key: KeyBytes
  /** The one that came after it last time: it nearly always does again. */
  next: KnownField | undefined
}

/** Ids in the place of keys must not fill the memory. */
const MAX_KNOWN = 4096
/** A longer one is somebody's data in the wrong place. Characters. */
const MAX_KEY_LENGTH = 256

/** Of one source of records: what its own fields are. */
export class FieldRoles {
  readonly #own: (key: string) => FieldRole
  readonly #known = new Map<string, KnownField>()
  readonly #start: KnownField = { name: '', role: 'skip', key: keyBytesOf(''), next: undefined }
  /** By whose rules they are known. */
  #redaction: PartRedaction | undefined

  /** @param own  what a key is to the source; default: all are fields */
  constructor(own: (key: string) => FieldRole = () => 'field') {
    this.#own = own
  }

  /** What comes before the first field of a record. @param redaction  of which all that follows is asked */
  start(redaction: PartRedaction): KnownField {
    if (redaction !== this.#redaction) {
      this.#known.clear()
      this.#start.next = undefined
      this.#redaction = redaction
    }
    return this.#start
  }

  /** @param previous  the field before it in the same record */
  after(previous: KnownField, key: string): KnownField {
    return (previous.next = this.#known.get(key) ?? this.#learn(key))
  }

  #learn(key: string): KnownField {
    const own = this.#own(key)
    const isLeft = own === 'field' && !isPlainKey(key, this.#redaction!)
    const known: KnownField = { name: key, role: isLeft ? 'leave' : own, key: keyBytesOf(key), next: undefined }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, known)
    return known
  }
}

/** What the general path would write as it is: names without a letter or digit get one, URLs have rules of their own. */
function isPlainKey(key: string, redaction: PartRedaction): boolean {
  if (key.length > MAX_KEY_LENGTH || !/[A-Za-z0-9]/.test(key) || !key.isWellFormed()) return false
  return !NEVER_PLAIN.has(key) && redaction.isPlainKey(key)
}

/** The path of a task is ours: within one the application's own has to make way for it. */
const NEVER_PLAIN: ReadonlySet<string> = new Set(['__proto__', ATTR_URL_FULL, ATTR_URL_QUERY, ATTR_TASK_PATH])
