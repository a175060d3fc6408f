/**
 * What is the same each time a database is asked the same: encoded once, for the CLIENT span.
 *
 * Only ids and times are written for each. A test holds what comes out against the general way.
 */
import type { Context } from '@opentelemetry/api'

import type { InstrumentationScope } from '../../model/log-record.ts'
import { SPAN } from '../../model/otlp-schema.ts'
import type { ProtoWriter } from '../../model/proto-writer.ts'
import { encodedFields } from '../../model/record-fields.ts'
import { SEVERITY_INFO } from '../../model/severity.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import type { EncodedKind, EncodedSink } from '../../record/encoded-sink.ts'
import { PlainSpan } from '../hop/plain-span.ts'
import type { DatabaseOperation } from './database-operation.ts'

interface WrittenCall {
  readonly span: PlainSpan
  /** Name, kind and attributes. */
  readonly template: Uint8Array
  readonly endedMillis: number
}

/** A name of a span up to this length is never cut. Characters. */
const MAX_NAME = 512

export class DatabaseTemplates {
  readonly #sink: EncodedSink
  readonly #kind: EncodedKind
  readonly #made = new WeakMap<DatabaseOperation, Uint8Array>()

  constructor(sink: EncodedSink, scope: InstrumentationScope) {
    this.#sink = sink
    this.#kind = { scope: sink.redaction.scope(scope), severityNumber: SEVERITY_INFO, signal: 'spans' }
  }

  /** @returns `undefined`: the tracer has to be asked for the span */
  begin(context: Context, startedMillis: number): PlainSpan | undefined {
    return this.#sink.takes('spans') ? PlainSpan.below(context, startedMillis, this.#sink) : undefined
  }

  /** @returns false: nothing was written */
  write(span: PlainSpan, operation: DatabaseOperation, endedMillis: number): boolean {
    const sink = this.#sink
    // The system's time was set meanwhile: two anchors in one span are for the general way.
    if (!sink.takes('spans') || sink.clock.anchorAt(endedMillis) !== span.anchor) return false
    if (operation.spanName.length > MAX_NAME) return false
    return sink.append(this.#kind, { span, template: this.#of(operation), endedMillis }, writeSpan)
  }

  #of(operation: DatabaseOperation): Uint8Array {
    const known = this.#made.get(operation)
    if (known !== undefined) return known
    const { redaction } = this.#sink
    const template = encodedFields((writer) => {
      writer.textField(SPAN.name, redaction.text(operation.spanName))
      writer.varintField(SPAN.kind, SPAN_KIND.client)
      writer.attributes(SPAN.attributes, redaction.spanAttributes(operation.attributes))
    })
    this.#made.set(operation, template)
    return template
  }
}

function writeSpan(writer: ProtoWriter, { span, template, endedMillis }: WrittenCall): void {
  span.write(writer, endedMillis)
  writer.raw(template)
}
