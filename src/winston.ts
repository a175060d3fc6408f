/**
 * winston by hand: for bundled applications, whose copy of winston nobody can find, and for those who wire transports
 * themselves. Where the preload runs, neither is needed; with it, neither writes anything twice.
 *
 * A facade: the engine is the one that runs in this process; it is loaded and started at the first use otherwise.
 */
import { Writable } from 'node:stream'

import { runningEngine } from './running-engine.ts'

/** The module `winston`, as `import winston from 'winston'` gives it. */
export interface Winston {
  readonly Logger?: unknown
  readonly Container?: unknown
  readonly loggers?: unknown
  readonly version?: unknown
  readonly format?: { readonly combine?: unknown }
}

/**
 * Hears all loggers of this copy of winston, those made before too.
 *
 * @returns undoes it. Calling either twice is harmless
 * @throws TRACELOG_CONFIG_INVALID on a wrong setting, when nothing is running yet
 */
export function instrumentWinston(winston: Winston): () => void {
  return runningEngine().attach('winston', winston)
}

export interface TracelogTransportOptions {
  /** Default: the logger's. */
  readonly level?: string
  readonly silent?: boolean
  readonly format?: TracelogTransportFormat
  /** Whether uncaught exceptions are written too, as for any transport of winston. */
  readonly handleExceptions?: boolean
  readonly handleRejections?: boolean
}

/** A logform format. */
export interface TracelogTransportFormat {
  transform(info: object, options?: unknown): unknown
  options?: unknown
}

interface Parent {
  readonly level?: string
  readonly levels?: Readonly<Record<string, number>>
}

const LEVEL = Symbol.for('level')

/** A transport of winston 3. Where the bridge hears the logger as well, it leaves the records to the bridge. */
export class TracelogTransport extends Writable {
  readonly name = 'tracelog'
  level: string | undefined
  silent: boolean
  format: TracelogTransportFormat | undefined
  handleExceptions: boolean
  handleRejections: boolean
  levels: Readonly<Record<string, number>> | undefined
  parent: Parent | null = null

  constructor(options: TracelogTransportOptions = {}) {
    super({ objectMode: true })
    this.level = options.level
    this.silent = options.silent ?? false
    this.format = options.format
    this.handleExceptions = options.handleExceptions ?? false
    this.handleRejections = options.handleRejections ?? false
    this.on('pipe', (source: unknown) => {
      this.parent = source as Parent
      this.levels = this.parent.levels
    })
    this.on('unpipe', (source: unknown) => {
      if (source === this.parent) this.parent = null
    })
    runningEngine()
  }

  /** What winston's exception handlers call directly. */
  log(info: object, callback: () => void = () => {}): void {
    runningEngine().write('winston', this, info)
    callback()
  }

  override _write(info: object, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#takes(info)) {
      const formatted = this.format === undefined ? info : this.format.transform({ ...info }, this.format.options)
      if (typeof formatted === 'object' && formatted !== null) runningEngine().write('winston', this, formatted)
    }
    callback()
  }

  #takes(info: object): boolean {
    const { exception, [LEVEL]: level } = info as { exception?: unknown; [LEVEL]?: string }
    if (this.silent || (exception === true && !this.handleExceptions)) return false
    const own = this.level ?? this.parent?.level
    if (own === undefined || this.levels === undefined || level === undefined) return true
    return (this.levels[own] ?? Infinity) >= (this.levels[level] ?? Infinity)
  }
}
