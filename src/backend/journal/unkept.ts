/**
 * Why the journal did not keep a request; the receivers turn `kind` into a status.
 */

/** `busy`: the store is behind, or we stop. `full`: the disk takes no more. Both: try again later. */
export class Unkept extends Error {
  readonly kind: 'busy' | 'full'

  constructor(kind: 'busy' | 'full', message: string) {
    super(message)
    this.name = 'Unkept'
    this.kind = kind
  }
}
