/**
 * Where the receivers hand over what they accepted: the interface that start.ts fills with the journal.
 *
 * A receiver answers "kept" to its client only after `append` resolved.
 */
import type { Signal } from '../../model/signal.ts'

/** One request, checked: OTLP/protobuf bytes that are known to parse. */
export interface ReceivedRequest {
  readonly signal: Signal
  /** An `ExportLogsServiceRequest` or `ExportTraceServiceRequest` that owns its memory: the sink MAY transfer it away. */
  readonly bytes: Uint8Array
  /** Records or spans in it; at least 1. */
  readonly count: number
}

/** Implementations MUST keep the order of calls, and MUST NOT resolve before the bytes are as safe as the user asked for. */
export interface ReceiveSink {
  /**
   * @throws Refusal with kind `busy` or `full` when the bytes were not kept
   */
  append(request: ReceivedRequest): Promise<void>
}

/**
 * Why a request was not taken. `malformed`: it is wrong and will stay wrong. `too_large`: over a limit; smaller ones are welcome.
 * `crowded`: too many requests at once. `busy`: the store cannot follow. `full`: the disk takes no more.
 */
export type RefusalKind = 'malformed' | 'too_large' | 'crowded' | 'busy' | 'full'

/** Recognise it by `isRefusal`, which does not depend on who made it. */
export class Refusal extends Error {
  readonly kind: RefusalKind

  /** @param message  one line for the client: what is wrong, and the rule */
  constructor(kind: RefusalKind, message: string) {
    super(message)
    this.name = 'Refusal'
    this.kind = kind
  }
}

const KINDS: ReadonlySet<unknown> = new Set<RefusalKind>(['malformed', 'too_large', 'crowded', 'busy', 'full'])

/** True for a refusal of any stage: the journal has a class of its own, with the same `kind`s. */
export function isRefusal(error: unknown): error is Error & { readonly kind: RefusalKind } {
  return error instanceof Error && KINDS.has((error as { kind?: unknown }).kind)
}

/** Kinds that a client should send again, and after how many seconds. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<RefusalKind, number>>> = { crowded: 1, busy: 1, full: 5 }
