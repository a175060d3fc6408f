/**
 * What came of a demo, whatever it played.
 */
export interface Performance {
  /** One sentence each; empty when all is there. */
  readonly problems: readonly string[]
  /** For scripts. */
  readonly counts: object
  /** Of the failed request that is shown. */
  readonly traceId: string | undefined
  /** Of an order, whose goals are shown. */
  readonly orderId?: string
}
