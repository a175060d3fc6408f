/**
 * A plain record that is held: its values as they were when it was logged, and an object only when it leaves after all.
 *
 * Most held records are forgotten: nothing of them is made before it is needed, and nothing of the application's is kept but texts
 * and numbers.
 */
import type { Context } from '@opentelemetry/api'

import type { HeldRecord } from '../context/held-record.ts'
import { setField, type AnyValue, type Attributes } from '../model/any-value.ts'
import { ATTRIBUTE_BYTES, RECORD_BYTES } from '../model/estimated-bytes.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { Occasion, PlainRecord, Scalar } from './plain-fields.ts'
import type { TaskNode } from '../context/task-node.ts'
import { withRequestFields } from './request-fields.ts'
import { withTask } from './task-fields.ts'

/** To whom it belongs. */
export interface HeldPlace {
  readonly scope: InstrumentationScope
  readonly active: Context
  /** What was stated of the request until now. */
  readonly fields: Attributes | undefined
  /** The task that it was logged in. */
  readonly node?: TaskNode | undefined
}

/** Those that have a value, in order. */
export interface PlainFields {
  readonly keys: readonly string[]
  readonly values: readonly Scalar[]
}

export class PlainSnapshot implements HeldRecord {
  readonly scope: InstrumentationScope
  readonly active: Context
  readonly bytes: number
  readonly #severityNumber: number
  readonly #severityText: string
  readonly #body: string
  readonly #eventName: string
  readonly #keys: readonly string[]
  readonly #values: readonly Scalar[]
  readonly #fields: Attributes | undefined
  readonly #timeUnixNano: Occasion['timeUnixNano']
  readonly #sinceOriginMillis: number
  readonly #anchor: Occasion['anchor']
  readonly #span: Occasion['span']

  constructor(record: PlainRecord, occasion: Occasion, { scope, active, fields, node }: HeldPlace, taken: PlainFields) {
    this.scope = scope
    this.active = active
    this.#severityNumber = record.severityNumber
    this.#severityText = record.severityText
    this.#body = record.body
    this.#eventName = record.eventName ?? ''
    this.#keys = taken.keys
    this.#values = taken.values
    // Now: numbers are given in the order of the calls.
    this.#fields = node === undefined ? fields : withTask(undefined, { node, fields, isUnsent: true })
    this.#timeUnixNano = occasion.timeUnixNano
    this.#sinceOriginMillis = occasion.sinceOriginMillis
    this.#anchor = occasion.anchor
    this.#span = occasion.span
    this.bytes = bytesOf(record.body, taken.values)
  }

  toRecord(): LogRecord {
    const now = this.#anchor.unixNano(this.#sinceOriginMillis)
    const span = this.#span
    return {
      timeUnixNano: this.#timeUnixNano ?? now,
      observedTimeUnixNano: now,
      severityNumber: this.#severityNumber,
      severityText: this.#severityText,
      eventName: this.#eventName,
      body: this.#body,
      attributes: withRequestFields(this.#attributes(), this.#fields),
      traceId: span?.traceId ?? '',
      spanId: span?.spanId ?? '',
      traceFlags: span?.traceFlags ?? 0,
      droppedAttributesCount: 0,
    }
  }

  #attributes(): Attributes {
    const attributes: Record<string, AnyValue> = {}
    for (const [i, key] of this.#keys.entries()) setField(attributes, key, this.#values[i] as Scalar)
    return attributes
  }
}

/** As `estimatedBytes` of the record. */
function bytesOf(body: string, values: readonly Scalar[]): number {
  let bytes = RECORD_BYTES + body.length + values.length * ATTRIBUTE_BYTES
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'string') bytes += value.length
  }
  return bytes
}
