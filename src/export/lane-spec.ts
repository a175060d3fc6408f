/**
 * Which lanes there are: plain data, from the configuration, checked once at the start.
 */
import type { SdkExporter } from '../model/sdk-types.ts'
import type { SentSignal, Signal } from '../model/signal.ts'
import type { OtlpEndpoint } from './otlp-endpoint.ts'
import type { FileConfig } from './transports/rotating-file.ts'

/** An exporter of OpenTelemetry's SDK in a package of the application. */
export interface SdkPackage {
  /** The module to be required. Absolute. */
  readonly module: string
  /** The class in it. */
  readonly exporter: string
  /** For its constructor. */
  readonly options: Readonly<Record<string, string>>
  /** Of one try. Milliseconds. */
  readonly timeoutMillis: number
}

/** How the destination of a lane is reached, wherever the sending code runs. */
export type TransportSpec =
  | { readonly kind: 'otlp'; readonly endpoint: OtlpEndpoint }
  /** Takes logs only: a flat line is a record. */
  | { readonly kind: 'file'; readonly file: FileConfig }
  | { readonly kind: 'sdk'; readonly sdk: SdkPackage }

/** One signal on its way to one destination. */
export interface LaneSpec {
  readonly signal: SentSignal
  /** As in `stats().lanes`: `otlp`, `file`, `console`; unique within the signal. */
  readonly name: string
  /** How messages call the destination. */
  readonly label: string
  /** The variable that sets where it is, where there is one. For messages. */
  readonly setBy?: string
  /** `stdout`: written by the application's own thread. `object`: an exporter that lives there. */
  readonly to: TransportSpec | { readonly kind: 'stdout' } | { readonly kind: 'object'; readonly exporter: SdkExporter }
  /** What nobody answers for is kept in the spool. One lane of a signal at most. Default: false. */
  readonly hasSpool?: boolean
}

/** To standard output: records only. */
export type PrintedSpec = LaneSpec & { readonly signal: Signal; readonly to: { readonly kind: 'stdout' } }

/** Lanes of a signal: one bit each of what a stage keeps beside a batch. */
const MAX_LANES = 31

/** The first lane of a signal is its primary one: `stats().logs` and `stats().spans` are its numbers. */
export type Composition = readonly LaneSpec[]

/** @throws Error when the lanes cannot stand beside each other */
export function checkComposition(lanes: Composition): void {
  const seen = new Set<string>()
  for (const lane of lanes) {
    const key = keyOf(lane)
    if (lane.name === '') throw new Error(`a lane of ${lane.signal} has no name`)
    if (seen.has(key)) throw new Error(`two lanes are called ${key}, but each must have a name of its own`)
    if (lane.to.kind === 'file' && lane.signal !== 'logs')
      throw new Error(`${key} goes to a file, which takes logs only`)
    if (lane.signal === 'metrics' && (lane.to.kind !== 'otlp' || lane.hasSpool === true))
      throw new Error(`${key} goes elsewhere than to an endpoint, from memory`)
    seen.add(key)
  }
  for (const signal of ['logs', 'spans', 'metrics'] as const) {
    const count = lanes.filter((lane) => lane.signal === signal).length
    if (count > MAX_LANES)
      throw new Error(`there are ${count} lanes of ${signal}, but there must be at most ${MAX_LANES}`)
  }
}

/** Written by the application's own thread. */
export function isPrinted(spec: LaneSpec): spec is PrintedSpec {
  return spec.to.kind === 'stdout'
}

/** Sent by the application's own thread: no worker can be given its exporter. */
export function isLocal({ to }: LaneSpec): boolean {
  return to.kind === 'object'
}

/** The place of a lane in a stage. */
export function bitOf(spec: LaneSpec, lanes: Composition): number {
  return 1 << lanes.filter(({ signal }) => signal === spec.signal).indexOf(spec)
}

/** What worker and main thread call a lane. */
export function keyOf({ signal, name }: Pick<LaneSpec, 'signal' | 'name'>): string {
  return `${signal}/${name}`
}
