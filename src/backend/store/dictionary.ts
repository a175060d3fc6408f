/**
 * Numbers for resources and scopes: each distinct one is stored once, rows carry its number.
 *
 * The same bytes have the same number. New entries wait here until `takeNew`, and are written to memory before the rows that
 * use them become visible, and to the file in the transaction of the next roll.
 */
import { RESOURCE, SCOPE } from '../../model/otlp-schema.ts'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import { ByteArena } from './byte-arena.ts'
import { parseJsonEntries } from './json-text.ts'
import { writeJsonString, writeKeyValue } from './json-writer.ts'
import { MalformedError, ProtoCursor } from './proto-cursor.ts'

export interface DictionaryEntry {
  readonly id: number
  /** `service.name` of a resource, or the name of a scope. */
  readonly name: string
  /** `service.instance.id` of a resource, or the version of a scope. */
  readonly detail: string
  /** JSON as in json-text.ts. */
  readonly attributes: string
  readonly bytes: Uint8Array
}

/** What a resource without a name is called (OpenTelemetry's words). */
const UNKNOWN_SERVICE = 'unknown_service'
/** Beyond it the oldest are forgotten here; seen again, they get a new number. */
const MAX_REMEMBERED = 10_000

export class Dictionary {
  readonly #parse: (bytes: Uint8Array) => Omit<DictionaryEntry, 'id' | 'bytes'>
  readonly #numbers = new Map<string, number>()
  #next = 0
  #fresh: DictionaryEntry[] = []

  constructor(kind: 'resource' | 'scope') {
    this.#parse = kind === 'resource' ? parseResource : parseScope
  }

  /** @throws MalformedError when the bytes are no such message */
  numberOf(bytes: Buffer): number {
    const text = bytes.latin1Slice()
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const entry = { id: this.#next, bytes: Uint8Array.from(bytes), ...this.#parse(bytes) }
    this.#fresh.push(entry)
    this.#remember(text, this.#next++)
    return entry.id
  }

  /** An entry read back from the file. */
  restore(id: number, bytes: Uint8Array): void {
    this.#remember(Buffer.from(bytes).latin1Slice(), id)
    this.#next = Math.max(this.#next, id + 1)
  }

  /** The entries made since the last call. */
  takeNew(): readonly DictionaryEntry[] {
    const fresh = this.#fresh
    if (fresh.length > 0) this.#fresh = []
    return fresh
  }

  /** One more than the highest number. */
  get size(): number {
    return this.#next
  }

  #remember(text: string, id: number): void {
    if (this.#numbers.size >= MAX_REMEMBERED) {
      const [oldest] = this.#numbers.keys()
      if (oldest !== undefined) this.#numbers.delete(oldest)
    }
    this.#numbers.set(text, id)
  }
}

function parseResource(bytes: Uint8Array): Omit<DictionaryEntry, 'id' | 'bytes'> {
  const { attributes } = parseMessage(bytes, RESOURCE.attributes)
  const entries = new Map(parseJsonEntries(attributes))
  const text = (name: string): string | undefined => {
    const value = entries.get(name)
    return value?.type === 'string' ? value.value : undefined
  }
  return {
    name: text(ATTR_SERVICE_NAME) ?? UNKNOWN_SERVICE,
    detail: text(ATTR_SERVICE_INSTANCE_ID) ?? '',
    attributes,
  }
}

function parseScope(bytes: Uint8Array): Omit<DictionaryEntry, 'id' | 'bytes'> {
  const { attributes, texts } = parseMessage(bytes, SCOPE.attributes, [SCOPE.name, SCOPE.version])
  return { name: texts.get(SCOPE.name) ?? '', detail: texts.get(SCOPE.version) ?? '', attributes }
}

function parseMessage(
  bytes: Uint8Array,
  attributeTag: number,
  textTags: readonly number[] = [],
): { attributes: string; texts: Map<number, string> } {
  const cursor = new ProtoCursor()
  const out = new ByteArena()
  const texts = new Map<number, string>()
  cursor.open(bytes)
  out.byte(123)
  while (cursor.at < bytes.length) {
    const tag = cursor.varint()
    if (tag !== attributeTag && !textTags.includes(tag)) {
      cursor.skip(tag, bytes.length)
      continue
    }
    const end = cursor.end(bytes.length)
    if (tag === attributeTag) {
      if (out.used > 1) out.byte(44)
      writeKeyValue(cursor, end, out, 0)
    } else {
      const text = new ByteArena()
      writeJsonString(cursor.bytes, cursor.at, end, text)
      texts.set(tag, JSON.parse(text.bytes.utf8Slice(0, text.used)) as string)
    }
    cursor.at = end
  }
  if (cursor.at !== bytes.length) throw new MalformedError('A field leaves its message')
  out.byte(125)
  return { attributes: out.bytes.utf8Slice(0, out.used), texts }
}
