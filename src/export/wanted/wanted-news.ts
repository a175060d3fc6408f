/**
 * What the sender hears from a backend of ours about requests that have failed elsewhere.
 */

export type WantedNews = WantedTracesNews | FollowingNews

/** Lines of these traces are wanted. */
export interface WantedTracesNews {
  readonly kind: 'wanted'
  readonly traceIds: readonly string[]
  /** As many more were told than one may tell. */
  readonly dropped: number
}

/** The stream is open, or has ended. */
export interface FollowingNews {
  readonly kind: 'following'
  readonly endpoint: string
  readonly isOpen: boolean
}
