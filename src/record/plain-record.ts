/**
 * A record that is a text and plain fields, as nearly all are: straight to bytes, without an object in between.
 *
 * Plain are texts, numbers, booleans and null under keys that hide nothing. All others take the general path, whose bytes these equal
 * (test/record/plain-record.test.ts). The application's values are read first, each once, and written then: a getter may log.
 */
import type { Attributes } from '../model/any-value.ts'
import { LogContextBytes } from '../model/log-context-bytes.ts'
import { type InstrumentationScope, MAX_ATTRIBUTES, MAX_RECORD_BYTES } from '../model/log-record.ts'
import { LOG_RECORD } from '../model/otlp-schema.ts'
import { keyBytesOf } from '../model/proto-key.ts'
import { ProtoWriter } from '../model/proto-writer.ts'
import { writeLogIds } from '../model/record-fields.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { ATTR_SEQ, ATTR_TASK_PATH } from '../model/semconv.ts'
import type { EncodedKind, EncodedSink } from './encoded-sink.ts'
import { FieldRoles, type KnownField } from './field-roles.ts'
import type { Occasion, PlainRecord, Scalar } from './plain-fields.ts'
import { PlainSnapshot, type HeldPlace } from './plain-snapshot.ts'

/** Longer texts are cut where values are. Characters; all of a record's together stay below its limit of bytes. */
const MAX_TEXT = 8192
const MAX_LEVEL = 256
/** Larger ones may be those of cards. */
const MAX_NUMBER = 1e13

const SEQ = keyBytesOf(ATTR_SEQ)
const TASK_PATH = keyBytesOf(ATTR_TASK_PATH)

export class PlainRecordWriter {
  readonly #sink: EncodedSink
  readonly #kinds = new WeakMap<InstrumentationScope, EncodedKind[]>()
  readonly #levels = new Map<string, { readonly severityNumber: number; readonly bytes: Uint8Array }>()
  readonly #context = new LogContextBytes()
  readonly #fields: KnownField[] = []
  readonly #values: (Scalar | undefined)[] = []
  #lastKeys: readonly string[] = []
  #lastScope: InstrumentationScope | undefined
  #lastSeverity = 0
  #lastKind: EncodedKind | undefined
  #count = 0
  /** How many fields there may be. */
  #most = MAX_ATTRIBUTES
  /** Of what is around records: none of it is told elsewhere. */
  readonly #aroundRoles = new FieldRoles()
  /** Characters that the record may still have. */
  #left = 0
  #isBusy = false
  #record: PlainRecord | undefined
  #occasion: Occasion | undefined

  constructor(sink: EncodedSink) {
    this.#sink = sink
  }

  /** @returns false: it is not plain, nothing was written */
  write(record: PlainRecord, scope: InstrumentationScope, occasion: Occasion): boolean {
    if (this.#isBusy || !this.#sink.takes('logs')) return false
    this.#isBusy = true
    this.#count = 0
    try {
      if (!this.#read(record, occasion.around)) return false
      this.#record = record
      this.#occasion = occasion
      const isWritten = this.#sink.append(this.#kindOf(scope, record.severityNumber), this, writeFields)
      // No number for what the general path will write.
      if (isWritten) occasion.node?.next()
      return isWritten
    } catch {
      // A Proxy that cannot be listed or asked: the general path reads it field by field.
      return false
    } finally {
      this.#record = this.#occasion = undefined
      this.#forget()
    }
  }

  /** What it holds now, for whoever may want the record later. @returns `undefined`: it is not plain */
  snapshot(record: PlainRecord, occasion: Occasion, place: HeldPlace): PlainSnapshot | undefined {
    if (this.#isBusy) return undefined
    this.#isBusy = true
    this.#count = 0
    try {
      if (!this.#read(record, undefined)) return undefined
      return new PlainSnapshot(record, occasion, place, { keys: this.#keysNow(), values: this.#valuesNow() })
    } catch {
      // As in `write`.
      return undefined
    } finally {
      this.#forget()
    }
  }

  /** Records of one place have the same keys again and again: one list for all of them. */
  #keysNow(): readonly string[] {
    const last = this.#lastKeys
    const count = this.#count
    let i = last.length === count ? 0 : -1
    while (i >= 0 && i < count && last[i] === this.#fields[i]!.name) i++
    if (i === count) return last
    return (this.#lastKeys = this.#fields.slice(0, count).map(({ name }) => name))
  }

  #valuesNow(): readonly Scalar[] {
    return this.#values.slice(0, this.#count) as Scalar[]
  }

  /** Nothing of the application's is kept. */
  #forget(): void {
    for (let i = 0; i < this.#count; i++) this.#values[i] = undefined
    this.#isBusy = false
  }

  /** Takes the values. @returns whether all are plain */
  #read(record: PlainRecord, around: Attributes | undefined): boolean {
    const { body, severityText, before, fields, roles, mayHaveGetters } = record
    if (!isPlainText(body) || severityText.length > MAX_LEVEL) return false
    this.#left = MAX_RECORD_BYTES - body.length
    this.#most = Number.MAX_SAFE_INTEGER
    if (around !== undefined && !this.#readAround(around, record)) return false
    this.#most = this.#count + MAX_ATTRIBUTES
    let field: KnownField | undefined = roles.start(this.#sink.redaction)
    if (before !== undefined) {
      for (const key in before) if (Object.hasOwn(fields, key)) return false
      field = this.#readFields(before, roles, field, false)
    }
    return field !== undefined && this.#readFields(fields, roles, field, mayHaveGetters) !== undefined
  }

  /** @returns whether all of it is plain and the record has nothing of the same name */
  #readAround(around: Attributes, { before, fields }: PlainRecord): boolean {
    for (const key in around)
      if (Object.hasOwn(fields, key) || (before !== undefined && Object.hasOwn(before, key))) return false
    const start = this.#aroundRoles.start(this.#sink.redaction)
    return this.#readFields(around, this.#aroundRoles, start, false) !== undefined
  }

  /** @returns the last of them; `undefined`: not all are plain */
  #readFields(fields: object, roles: FieldRoles, last: KnownField, mayHaveGetters: boolean): KnownField | undefined {
    let field = last
    const isOrdinary = Object.getPrototypeOf(fields) === Object.prototype
    for (const key in fields) {
      // Fields come in the same order again and again: two comparisons instead of two look-ups.
      if (isOrdinary && field.next?.name === key) field = field.next
      else if (Object.hasOwn(fields, key)) field = roles.after(field, key)
      else return undefined
      if (field.role === 'skip') continue
      if (field.role === 'leave' || (mayHaveGetters && isAccessor(fields, key))) return undefined
      const value = (fields as Record<string, unknown>)[key]
      if (value === undefined) continue
      if (!isScalar(value) || this.#count === this.#most) return undefined
      if (typeof value === 'string' && (this.#left -= value.length) < 0) return undefined
      this.#fields[this.#count] = field
      this.#values[this.#count++] = value
    }
    return field
  }

  writeFields(writer: ProtoWriter, seq: number): void {
    const { severityNumber, severityText, body, eventName } = this.#record!
    const { timeUnixNano, sinceOriginMillis, anchor, span, ids, node } = this.#occasion!
    const { redaction } = this.#sink
    if (timeUnixNano === undefined) writer.timeField(LOG_RECORD.timeUnixNano, anchor, sinceOriginMillis)
    else if (timeUnixNano !== 0n) writer.fixed64Field(LOG_RECORD.timeUnixNano, timeUnixNano)
    writer.raw(this.#levelBytes(severityNumber, severityText))
    writer.valueField(LOG_RECORD.body, redaction.text(body))
    for (let i = 0; i < this.#count; i++) {
      const value = this.#values[i] as Scalar
      const shown = typeof value === 'string' ? redaction.text(value) : value
      writer.keyValue(LOG_RECORD.attributes, this.#fields[i]!.key, shown)
    }
    const path = node?.peek() ?? ''
    if (path !== '') writer.keyValue(LOG_RECORD.attributes, TASK_PATH, path)
    writer.keyValue(LOG_RECORD.attributes, SEQ, seq)
    if (span !== undefined && ids !== undefined) writeLogIds(writer, ids, span.traceFlags)
    else if (span !== undefined) this.#context.write(writer, span)
    writer.timeField(LOG_RECORD.observedTimeUnixNano, anchor, sinceOriginMillis)
    if (eventName !== undefined) writer.textField(LOG_RECORD.eventName, eventName)
  }

  /** Number and name of a level. Names are words of the application: few. */
  #levelBytes(severityNumber: number, severityText: string): Uint8Array {
    const known = this.#levels.get(severityText)
    if (known?.severityNumber === severityNumber) return known.bytes
    const writer = new ProtoWriter(0)
    if (severityNumber !== 0) writer.varintField(LOG_RECORD.severityNumber, severityNumber)
    if (severityText !== '') writer.textField(LOG_RECORD.severityText, this.#sink.redaction.text(severityText))
    const bytes = writer.bytes.slice(0, writer.pos)
    if (this.#levels.size >= MAX_KEPT) this.#levels.clear()
    this.#levels.set(severityText, { severityNumber, bytes })
    return bytes
  }

  #kindOf(scope: InstrumentationScope, severityNumber: number): EncodedKind {
    if (scope === this.#lastScope && severityNumber === this.#lastSeverity) return this.#lastKind!
    this.#lastScope = scope
    this.#lastSeverity = severityNumber
    return (this.#lastKind = this.#makeKind(scope, severityNumber))
  }

  #makeKind(scope: InstrumentationScope, severityNumber: number): EncodedKind {
    let kinds = this.#kinds.get(scope)
    if (kinds === undefined) this.#kinds.set(scope, (kinds = []))
    return (kinds[severityNumber] ??= {
      signal: 'logs',
      scope: this.#sink.redaction.scope(scope),
      severityNumber: severityNumber === 0 ? SEVERITY_INFO : severityNumber,
    })
  }
}

const MAX_KEPT = 100

function writeFields(writer: ProtoWriter, record: PlainRecordWriter, seq: number): void {
  record.writeFields(writer, seq)
}

function isPlainText(text: string): boolean {
  return text.length <= MAX_TEXT && text.isWellFormed()
}

function isScalar(value: unknown): value is Scalar {
  switch (typeof value) {
    case 'string':
      return isPlainText(value)
    case 'number':
      // `NaN` is no larger either.
      return !(value > MAX_NUMBER)
    case 'boolean':
      return true
    default:
      return value === null
  }
}

function isAccessor(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
}
