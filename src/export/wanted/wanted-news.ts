/**
 * What the sender hears from a backend of ours about requests that have failed elsewhere.
 */

export type WantedNews =
  /** Lines of these traces are wanted. `dropped`: as many more were told than one may tell. */
  | { readonly kind: 'wanted'; readonly traceIds: readonly string[]; readonly dropped: number }
  /** The stream is open, or has ended. */
  | { readonly kind: 'following'; readonly endpoint: string; readonly isOpen: boolean }
