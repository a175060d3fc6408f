/**
 * Why the rules did not take a request; the receivers turn `kind` into a status.
 */

/** `busy`: try again later. `malformed`: it will never be taken. */
export class Unshaped extends Error {
  readonly kind: 'busy' | 'malformed'

  constructor(message: string, kind: 'busy' | 'malformed' = 'busy') {
    super(message)
    this.name = 'Unshaped'
    this.kind = kind
  }
}
