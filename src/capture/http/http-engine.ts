/**
 * What an HTTP engine does: sees every inbound and outgoing request of node:http, node:https (and node:http2's servers, if
 * it can) and makes hops of them. Two implementations, one contract suite (test/contract/http-engine.contract.ts).
 */
export interface HttpEngine {
  readonly name: 'channels' | 'otel'
  /** MUST NOT throw. Twice is harmless. */
  enable(): void
  /** MUST leave requests under way alone: they finish their hops. */
  disable(): void
}
