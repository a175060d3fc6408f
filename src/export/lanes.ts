/**
 * The lanes of a pipeline, made from their specifications.
 */
import type { SentSignal, Signal } from '../model/signal.ts'
import { ConsoleLane } from './console-lane.ts'
import type { ConsoleSink } from './console-sink.ts'
import type { DropLedger } from './drop-ledger.ts'
import { bitOf, isPrinted, type Composition, type LaneSpec } from './lane-spec.ts'
import type { LaneView } from './lane-view.ts'
import type { LaneAhead, LaneLink, LaneSource } from './lane-options.ts'
import { Lane } from './lane.ts'
import type { Stage } from './stage.ts'
import type { LineWatcher } from './stdout-lines.ts'

export interface Lanes {
  readonly all: readonly LaneView[]
  /** Those that take batches. */
  readonly sending: readonly Lane[]
  readonly byKey: ReadonlyMap<string, Lane>
  /** Whether a signal has one of them. */
  readonly sends: Readonly<Record<SentSignal, boolean>>
  /** Those to standard output. */
  readonly printing: readonly ConsoleLane[]
  readonly printer: Readonly<Record<Signal, ConsoleLane | undefined>>
  readonly console: ConsoleSink | undefined
}

export interface LanesOptions {
  readonly stage: Stage
  readonly source: LaneSource
  readonly linkOf: (spec: LaneSpec) => LaneLink
  readonly ledger: DropLedger
  /** What logs were written to ahead of their batch, where they are. */
  readonly ahead: LaneAhead | undefined
  readonly console: (watcher: LineWatcher) => ConsoleSink
  readonly onWait: (millis: number) => void
  readonly onDelivered: () => void
  /** A line is written or lost. */
  readonly onPrinted: () => void
}

export function createLanes(specs: Composition, options: LanesOptions): Lanes {
  const printer: Record<Signal, ConsoleLane | undefined> = { logs: undefined, spans: undefined }
  const sink = specs.some(isPrinted) ? options.console(watcherOf(printer, options)) : undefined
  const all = specs.map((spec) => {
    const isPrimary = spec === specs.find((one) => one.signal === spec.signal)
    if (sink === undefined || !isPrinted(spec))
      return new Lane({
        ...options,
        spec,
        isPrimary,
        bit: bitOf(spec, specs),
        link: options.linkOf(spec),
        ahead: aheadOf(spec, options),
      })
    return (printer[spec.signal] = new ConsoleLane({ spec, isPrimary, sink, ledger: options.ledger }))
  })
  const sending = all.filter((lane) => lane instanceof Lane)
  return {
    all,
    sending,
    byKey: new Map(sending.map((lane) => [lane.key, lane])),
    sends: {
      logs: sending.some(({ signal }) => signal === 'logs'),
      spans: sending.some(({ signal }) => signal === 'spans'),
      metrics: sending.some(({ signal }) => signal === 'metrics'),
    },
    printing: all.filter((lane) => lane instanceof ConsoleLane),
    printer,
    console: sink,
  }
}

function aheadOf({ signal, hasSpool }: LaneSpec, { ahead }: LanesOptions): LaneAhead | undefined {
  return signal === 'logs' && hasSpool === true ? ahead : undefined
}

function watcherOf(
  printer: Readonly<Record<Signal, ConsoleLane | undefined>>,
  { onPrinted }: LanesOptions,
): LineWatcher {
  return {
    onWritten: ({ signal }) => {
      printer[signal]?.onWritten()
      onPrinted()
    },
    onLost: ({ signal, seq }, reason) => {
      printer[signal]?.onLost(seq, reason)
      onPrinted()
    },
  }
}
