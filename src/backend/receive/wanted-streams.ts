/**
 * `GET /v1/tracelog/wanted` of the OTLP/HTTP port: tells applications, as server-sent events, of traces whose lines are wanted.
 *
 * Bounded: so many at once, so many traces a second for each, so many bytes that one of them has not read. Who reads too slowly is
 * told less, and that is counted.
 */
import type { ServerResponse } from 'node:http'

import { monotonicMillis } from '../../diag/clock.ts'
import { MAX_WANTED_PER_SECOND, wantedEvent, WANTED_TYPE } from '../../model/wanted-traces.ts'
import type { ReceiveSink } from './receive-sink.ts'
import { failedTraces } from './failed-traces.ts'
import { WantedTraces } from './wanted-traces.ts'

export interface WantedStreamsOptions {
  /** Default 256: services and their processes, not people. */
  readonly maxStreams?: number
  /** Unread by one of them. Default 64 KiB. */
  readonly maxBufferedBytes?: number
  /** Between two comments, by which a dead connection is found. Milliseconds; default 15,000. */
  readonly commentMillis?: number
  /** Default: the monotonic clock. */
  readonly now?: () => number
}

export interface WantedCounts {
  /** Open at this moment. */
  readonly streams: number
  /** All that were wanted so far. */
  readonly traces: number
  /** Traces that somebody was not told of. */
  readonly dropped: number
  /** Streams that were one too many. */
  readonly refused: number
}

export class WantedStreams {
  readonly #options: Required<WantedStreamsOptions>
  readonly #traces: WantedTraces
  readonly #open = new Set<ServerResponse>()
  /** Not told, because somebody reads too slowly or would have been told too much at once. */
  #dropped = 0
  /** Who came when there were too many already. */
  #refused = 0

  constructor(options: WantedStreamsOptions = {}) {
    this.#options = {
      maxStreams: 256,
      maxBufferedBytes: 64 * 1024,
      commentMillis: 15_000,
      now: monotonicMillis,
      ...options,
    }
    this.#traces = new WantedTraces(this.#options.now)
  }

  /** As `GET status` says it. */
  counts(): WantedCounts {
    return { streams: this.#open.size, traces: this.#traces.count, dropped: this.#dropped, refused: this.#refused }
  }

  /** The same sink, which looks for failed traces in what is kept. */
  watch(sink: ReceiveSink): ReceiveSink {
    return {
      append: async (request) => {
        // Now: the sink may transfer the memory away.
        const found = request.signal === 'logs' ? failedTraces(request.bytes) : undefined
        await sink.append(request)
        if (found !== undefined) this.#traces.note(found)
      },
    }
  }

  /** @returns false: there are too many already, and nothing was written */
  serve(response: ServerResponse): boolean {
    const { maxStreams, commentMillis } = this.#options
    if (this.#open.size >= maxStreams) {
      this.#refused++
      return false
    }
    this.#open.add(response)
    response.writeHead(200, {
      'content-type': WANTED_TYPE,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.write(':\n\n')
    const unfollow = this.#traces.follow(this.#teller(response))
    const timer = setInterval(() => {
      if (!this.#isFull(response)) response.write(':\n\n')
    }, commentMillis).unref()
    response.once('close', () => {
      clearInterval(timer)
      unfollow()
      this.#open.delete(response)
    })
    return true
  }

  /** Ends every stream. */
  endAll(): void {
    for (const response of this.#open) response.end()
  }

  #teller(response: ServerResponse): (traceIds: readonly string[]) => void {
    let second = 0
    let told = 0
    return (traceIds) => {
      const now = Math.floor(this.#options.now() / 1000)
      if (now !== second) {
        second = now
        told = 0
      }
      const some = this.#isFull(response) ? [] : traceIds.slice(0, MAX_WANTED_PER_SECOND - told)
      told += some.length
      this.#dropped += traceIds.length - some.length
      if (some.length > 0) response.write(some.map(wantedEvent).join(''))
    }
  }

  #isFull(response: ServerResponse): boolean {
    return response.writableEnded || response.writableLength > this.#options.maxBufferedBytes
  }
}
