/**
 * What the bridge knows of winston's insides: the few fields that it reads, none of which winston's own types state.
 *
 * They are those of winston 3.x on readable-stream 3.x; each reader copes with their absence.
 */

/** triple-beam's symbols: the level as logged, the finished line, the arguments after the message. */
export const LEVEL: unique symbol = Symbol.for('level') as never
export const MESSAGE: unique symbol = Symbol.for('message') as never
export const SPLAT: unique symbol = Symbol.for('splat') as never

/** One record on its way through winston: the caller's object or winston's own. */
export interface WinstonInfo {
  readonly [key: string]: unknown
  readonly [LEVEL]?: unknown
  [MESSAGE]?: unknown
  readonly [SPLAT]?: unknown
}

/** A logform format. */
export interface WinstonFormat {
  transform(info: object, options?: unknown): unknown
  options?: unknown
}

export type WinstonLevels = Readonly<Record<string, number>>

/** A TransportStream, its legacy wrapper, winston's ExceptionStream, or any Writable that a logger is piped to. */
export interface WinstonTransport {
  readonly log?: unknown
  readonly name?: unknown
  readonly level?: string
  readonly levels?: WinstonLevels
  readonly silent?: boolean
  readonly handleExceptions?: boolean
  readonly forceConsole?: boolean
  readonly parent?: WinstonLogger | null
  readonly transport?: unknown
  format?: WinstonFormat
  readonly _writableState?: WritableState
}

/** Is told what a transport's format has left of an info. */
export type ShowView = (transport: WinstonTransport, formatted: object) => void

export interface WritableState {
  readonly writing: boolean
  /** With `writing`: `_write` has not returned yet. */
  readonly sync?: boolean
  readonly corked: number
}

export interface WinstonLogger {
  readonly level: string
  readonly levels: WinstonLevels
  readonly format?: WinstonFormat
  silent: boolean
  write: (info: WinstonInfo, ...rest: unknown[]) => boolean
  getMaxListeners(): number
  setMaxListeners(count: number): unknown
  prependListener(event: 'data', listener: (info: WinstonInfo) => void): unknown
  removeListener(event: 'data', listener: (info: WinstonInfo) => void): unknown
  readonly _writableState: WritableState
  readonly _readableState: {
    readonly pipes: WinstonTransport | WinstonTransport[] | null
    readonly length: number
    readonly highWaterMark: number
    readonly needReadable: boolean
    readonly buffer: { push(info: WinstonInfo): void }
  }
  readonly _transformState: {
    readonly transforming: boolean
    readonly needTransform: boolean
    /** The object that was logged, while its format runs and its transports are written to. */
    readonly writechunk: WinstonInfo | null
  }
}

/** The class that loggers are made from. */
export interface WinstonLoggerClass {
  readonly prototype: WinstonLogger
}

/** Where a logger's records go: winston's transports and whatever else it is piped to. */
export function pipesOf(logger: WinstonLogger): readonly WinstonTransport[] {
  const { pipes } = logger._readableState
  if (pipes === null || pipes === undefined) return NO_PIPES
  return Array.isArray(pipes) ? pipes : [pipes]
}

const NO_PIPES: readonly WinstonTransport[] = []

/** Asked for each call: without a list for the usual logger, which has one transport. */
export function somePipe(logger: WinstonLogger, test: (transport: WinstonTransport) => boolean): boolean {
  const { pipes } = logger._readableState
  if (pipes === null || pipes === undefined) return false
  return Array.isArray(pipes) ? pipes.some(test) : test(pipes)
}

/** Whether a transport is being given a record in this very call. */
export function isWritingNow({ _writableState: writable }: WinstonTransport): boolean {
  return writable?.writing === true && writable.sync === true
}

/** Whether a transport keeps what it is given now for later. */
export function isBusy({ _writableState: writable }: WinstonTransport): boolean {
  return writable !== undefined && (writable.writing || writable.corked > 0)
}
