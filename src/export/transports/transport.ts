/**
 * The way to one destination: what each transport must do, wherever it runs (the export worker, or the main thread).
 */
import type { SentSignal } from '../../model/signal.ts'
import type { Answer } from './answer.ts'

/** Requests at the same time to one destination, and so connections. Source: spec, pipeline. */
export const MAX_IN_FLIGHT = 4

/** A complete ExportLogsServiceRequest or ExportTraceServiceRequest in protobuf. */
export interface ExportRequest {
  readonly signal: SentSignal
  readonly bytes: Uint8Array<ArrayBuffer>
  /**
   * Said by the transport, before it answers: nobody reads `bytes` any more, so that their memory may be used again. Once denied, it
   * stays so. Not said: they are left to the garbage collector.
   */
  isReleased?: boolean
}

export interface Transport {
  /**
   * MUST settle with one answer, and soon after the deadline at the latest; MUST NOT reject, and MUST NOT keep the process alive.
   *
   * @param deadlineMillis  by `monotonicMillis()` of this thread: who has not answered by then is unreachable
   */
  send(request: ExportRequest, deadlineMillis: number): Promise<Answer>
  /** The process ends: waits between tries are cut short, and after `millis` no new try begins. */
  hurry(millis: number): void
  /** What is under way is given up; connections and files are closed. */
  stop(): void
}
