/**
 * What a capture has seen so far, and what it hands out of it.
 */
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { senderOf, type TraceData } from '../tree/trace-data.ts'
import { capturedRecord, type CapturedRecord } from './captured-record.ts'
import { capturedSpan, type CapturedSpan } from './captured-span.ts'
import { capturedTree, type CapturedTree } from './captured-tree.ts'

interface SeenRecord {
  readonly record: LogRecord
  readonly scope: InstrumentationScope
  readonly isHeld: boolean
}

interface SeenSpan {
  readonly span: SpanRecord
  readonly scope: InstrumentationScope
}

export class Seen {
  readonly from: number
  readonly #records: SeenRecord[] = []
  readonly #spans: SeenSpan[] = []

  /** @param from  the severity from which lines below the level are wanted */
  constructor(from: number) {
    this.from = from
  }

  log(record: LogRecord, scope: InstrumentationScope, isHeld: boolean): void {
    this.#records.push({ record, scope, isHeld })
  }

  span(span: SpanRecord, scope: InstrumentationScope): void {
    this.#spans.push({ span, scope })
  }

  /** @param resource  who emits */
  captured(resource: Attributes): {
    readonly records: readonly CapturedRecord[]
    readonly spans: readonly CapturedSpan[]
    readonly tree: CapturedTree
  } {
    return {
      records: this.#records.map(({ record, scope, isHeld }) => capturedRecord(record, scope, isHeld)),
      spans: this.#spans.toSorted(byStart).map(({ span, scope }) => capturedSpan(span, scope)),
      tree: capturedTree(this.#traces(resource)),
    }
  }

  /** In the order in which they were seen first. */
  #traces(resource: Attributes): readonly TraceData[] {
    const sender = senderOf(resource)
    const logs = Map.groupBy(
      this.#records.map(({ record, scope }, index) => ({ ...sender, id: String(index), record, scope })),
      ({ record }) => record.traceId,
    )
    const spans = Map.groupBy(
      this.#spans.map(({ span }) => ({ ...sender, span })),
      ({ span }) => span.traceId,
    )
    const traceIds = new Set([...logs.keys(), ...spans.keys()])
    return [...traceIds].map((traceId) => ({
      traceId,
      logs: logs.get(traceId) ?? [],
      spans: spans.get(traceId) ?? [],
    }))
  }
}

function byStart({ span: a }: SeenSpan, { span: b }: SeenSpan): number {
  return Number(a.startTimeUnixNano - b.startTimeUnixNano)
}
