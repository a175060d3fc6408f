/**
 * Why the rules did not take a request; the receivers turn `kind` into a status.
 */

/** Try again later. */
export class Unshaped extends Error {
  readonly kind = 'busy'

  constructor(message: string) {
    super(message)
    this.name = 'Unshaped'
  }
}
