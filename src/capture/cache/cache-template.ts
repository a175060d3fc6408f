/**
 * What is the same each time an operation is made on a cache: encoded once, for CLIENT span and completion record.
 *
 * Only ids, times, hit and duration are written for each. A test holds what comes out against the general way.
 */
import type { Context } from '@opentelemetry/api'

import { LOG_RECORD, SPAN } from '../../model/otlp-schema.ts'
import type { InstrumentationScope } from '../../model/log-record.ts'
import type { ProtoWriter } from '../../model/proto-writer.ts'
import { encodedFields, writeLogIds } from '../../model/record-fields.ts'
import { ATTR_CACHE_HIT, ATTR_RESPONSE_TIME_MS, ATTR_SEQ, EVENT_CACHE_END } from '../../model/semconv.ts'
import { SEVERITY_INFO } from '../../model/severity.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import type { EncodedKind, EncodedSink } from '../../record/encoded-sink.ts'
import { PlainSpan } from '../hop/plain-span.ts'
import { roundMillis } from '../hop/round-millis.ts'
import { bodyOf, commonAttributes, type CacheOperation } from './cache-operation.ts'

interface CacheTemplate {
  /** Name, kind and attributes of a span. */
  readonly span: Uint8Array
  /** Severity, event name, body and attributes of a completion record. */
  readonly hit: Uint8Array
  readonly miss: Uint8Array
  readonly neither: Uint8Array
}

export interface CacheTemplatesOptions {
  readonly scope: InstrumentationScope
  readonly recordSeverity?: number
  readonly keys?: 'off' | 'pattern'
}

/** An operation that has ended as most do. */
export interface WrittenLookUp {
  readonly span: PlainSpan
  readonly template: CacheTemplate
  readonly hit: boolean | undefined
  readonly endedMillis: number
}

/** What is written apart each time. Where the user hides one of these keys, nothing is written by templates. */
const WRITTEN_KEYS = [ATTR_CACHE_HIT, ATTR_RESPONSE_TIME_MS, ATTR_SEQ]
/** Texts up to this length are never cut. Characters. */
const MAX_TEXT = 512

export class CacheTemplates {
  readonly #sink: EncodedSink
  readonly #options: CacheTemplatesOptions
  readonly #spanKind: EncodedKind
  readonly #recordKind: EncodedKind
  readonly #made = new WeakMap<CacheOperation, CacheTemplate>()

  private constructor(sink: EncodedSink, options: CacheTemplatesOptions) {
    const { scope, recordSeverity = SEVERITY_INFO } = options
    this.#sink = sink
    this.#options = options
    const redacted = sink.redaction.scope(scope)
    this.#spanKind = { scope: redacted, severityNumber: SEVERITY_INFO, signal: 'spans' }
    this.#recordKind = { scope: redacted, severityNumber: recordSeverity, signal: 'logs' }
  }

  /** @returns `undefined`: no operation is written by a template */
  static for(sink: EncodedSink | undefined, options: CacheTemplatesOptions): CacheTemplates | undefined {
    if (sink === undefined || !WRITTEN_KEYS.every((key) => sink.redaction.isPlainKey(key))) return undefined
    return new CacheTemplates(sink, options)
  }

  /** @returns `undefined`: the tracer has to be asked for the span */
  begin(context: Context, startedMillis: number): PlainSpan | undefined {
    return this.#sink.takes('spans') ? PlainSpan.below(context, startedMillis, this.#sink) : undefined
  }

  /** @returns what `writeRecord` needs; `undefined`: nothing was written */
  writeSpan(
    span: PlainSpan,
    operation: CacheOperation,
    { hit, endedMillis }: Pick<WrittenLookUp, 'hit' | 'endedMillis'>,
  ): WrittenLookUp | undefined {
    const sink = this.#sink
    // The system's time was set meanwhile: two anchors in one span are for the general way.
    if (!sink.takes('spans') || sink.clock.anchorAt(endedMillis) !== span.anchor) return undefined
    const template = this.#of(operation)
    if (template === undefined) return undefined
    const written = { span, template, hit, endedMillis }
    return sink.append(this.#spanKind, written, writeSpan) ? written : undefined
  }

  /** @returns false: nothing was written */
  writeRecord(written: WrittenLookUp): boolean {
    return this.#sink.takes('logs') && this.#sink.append(this.#recordKind, written, writeRecord)
  }

  #of(operation: CacheOperation): CacheTemplate | undefined {
    const known = this.#made.get(operation)
    if (known !== undefined) return known
    const { name, op, spanName, keyPattern = '' } = operation
    if ([name, op, spanName, keyPattern].some((text) => text.length > MAX_TEXT)) return undefined
    const template = this.#make(operation)
    this.#made.set(operation, template)
    return template
  }

  #make(operation: CacheOperation): CacheTemplate {
    const { redaction } = this.#sink
    const { keys, recordSeverity = SEVERITY_INFO } = this.#options
    const attributes = commonAttributes(operation, keys)
    const record = (result: string, hit: boolean | undefined) =>
      encodedFields((writer) => {
        writer.varintField(LOG_RECORD.severityNumber, recordSeverity)
        writer.valueField(LOG_RECORD.body, redaction.text(bodyOf(operation, result)))
        writer.attributes(LOG_RECORD.attributes, redaction.logAttributes(attributes))
        if (hit !== undefined) writer.attribute(LOG_RECORD.attributes, ATTR_CACHE_HIT, hit)
        writer.textField(LOG_RECORD.eventName, EVENT_CACHE_END)
      })
    return {
      span: encodedFields((writer) => {
        writer.textField(SPAN.name, redaction.text(operation.spanName))
        writer.varintField(SPAN.kind, SPAN_KIND.client)
        writer.attributes(SPAN.attributes, redaction.spanAttributes(attributes))
      }),
      hit: record('hit', true),
      miss: record('miss', false),
      neither: record('', undefined),
    }
  }
}

function writeSpan(writer: ProtoWriter, { span, template, hit, endedMillis }: WrittenLookUp): void {
  span.write(writer, endedMillis)
  writer.raw(template.span)
  if (hit !== undefined) writer.attribute(SPAN.attributes, ATTR_CACHE_HIT, hit)
}

function writeRecord(writer: ProtoWriter, { span, template, hit, endedMillis }: WrittenLookUp, seq: number): void {
  writer.timeField(LOG_RECORD.timeUnixNano, span.anchor, endedMillis)
  writer.raw(hit === undefined ? template.neither : hit ? template.hit : template.miss)
  writer.attribute(LOG_RECORD.attributes, ATTR_RESPONSE_TIME_MS, roundMillis(endedMillis - span.startedMillis))
  writer.attribute(LOG_RECORD.attributes, ATTR_SEQ, seq)
  writeLogIds(writer, span.ids, span.traceFlags)
  writer.timeField(LOG_RECORD.observedTimeUnixNano, span.anchor, endedMillis)
}
