/**
 * Whole lines to standard output, which never wait for its reader: what a full pipe does not take is kept for a while, and then lost.
 *
 * A blocked write would stop the application. A pipe is opened anew, so that only our own descriptor does not block; a socket has no
 * second descriptor, there Node's own stream makes it non-blocking, as any `console.log` does.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs'

import { monotonicMillis } from '../diag/clock.ts'
import { startTimer } from '../diag/timers.ts'
import { pauseThread } from './pause-thread.ts'
import type { DropReason } from './lane-counts.ts'
import type { Signal } from '../model/signal.ts'

/** What is kept for a reader that is slow. Bytes. */
const MAX_KEPT_BYTES = 1024 * 1024
/** Between two looks whether the reader has read. Milliseconds. */
const RETRY_MILLIS = 20
/** The same at the end of the process, where this thread is blocked. Milliseconds. */
const LOOK_MILLIS = 5

/** Told of each line, once. */
export interface LineWatcher {
  /** It is with the reader, or in its pipe. */
  readonly onWritten: (line: LineOf) => void
  readonly onLost: (line: LineOf, reason: DropReason) => void
}

/** Whose line it is. */
export interface LineOf {
  readonly signal: Signal
  readonly seq: number
}

export interface StdoutLinesOptions {
  readonly told: LineWatcher
  /** Default: standard output. @returns a descriptor that does not block */
  readonly open?: () => number
  /** Runs something as if no request were being served. */
  readonly detached?: <T>(run: () => T) => T
}

interface KeptLine extends LineOf {
  readonly bytes: Uint8Array
}

export class StdoutLines {
  readonly #options: StdoutLinesOptions
  readonly #kept: KeptLine[] = []
  #keptBytes = 0
  /** Of the first line kept: how much of it is written. */
  #written = 0
  #fd: number | undefined
  #hasTimer = false

  constructor(options: StdoutLinesOptions) {
    this.#options = options
  }

  /** Lines that are neither written nor lost. */
  count(signal: Signal): number {
    return this.#kept.filter((line) => line.signal === signal).length
  }

  /** @param text  with its newline */
  write({ signal, seq }: LineOf, text: string): void {
    const bytes = Buffer.from(text)
    if (this.#kept.length > 0 && this.#keptBytes + bytes.length > MAX_KEPT_BYTES) {
      this.#options.told.onLost({ signal, seq }, 'queue_full')
      return
    }
    this.#kept.push({ signal, seq, bytes })
    this.#keptBytes += bytes.length
    if (this.#kept.length === 1) this.#push()
  }

  /** The process ends: waits for the reader for so long at most; what it does not take is lost. Milliseconds. */
  drain(millis: number): void {
    const until = monotonicMillis() + millis
    while (this.#push() && monotonicMillis() < until) pauseThread(LOOK_MILLIS)
    this.#lose('process_end')
  }

  /** Writes what the reader takes. @returns whether something is left */
  #push(): boolean {
    try {
      for (let line = this.#kept[0]; line !== undefined; line = this.#kept[0]) {
        this.#fd ??= (this.#options.open ?? openStdout)()
        this.#written += writeSync(this.#fd, line.bytes, this.#written)
        if (this.#written < line.bytes.length) continue
        this.#forgetFirst(line)
        this.#options.told.onWritten(line)
      }
    } catch (error) {
      // A reader that is gone does not come back.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#lose('no_destination')
      else this.#pushLater()
    }
    return this.#kept.length > 0
  }

  #pushLater(): void {
    if (this.#hasTimer) return
    this.#hasTimer = true
    const { detached = (run) => run() } = this.#options
    const push = () => {
      this.#hasTimer = false
      this.#push()
    }
    detached(() => startTimer(push, RETRY_MILLIS)).unref()
  }

  #forgetFirst(line: KeptLine): void {
    this.#kept.shift()
    this.#keptBytes -= line.bytes.length
    this.#written = 0
  }

  #lose(reason: DropReason): void {
    for (let line = this.#kept[0]; line !== undefined; line = this.#kept[0]) {
      this.#forgetFirst(line)
      this.#options.told.onLost(line, reason)
    }
  }
}

function openStdout(): number {
  const stats = fstatSync(1)
  if (stats.isFIFO()) {
    try {
      return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK)
    } catch {
      // No /proc here.
    }
  }
  if (stats.isFIFO() || stats.isSocket()) void process.stdout
  return 1
}
