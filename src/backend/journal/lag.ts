/**
 * How many records only the journal holds for good.
 */

interface Entry {
  readonly sequence: number
  readonly count: number
}

export class Lag {
  /** In rising order; the first `#gone` are committed. Cut off in large pieces, so that removing costs nothing each. */
  #entries: Entry[] = []
  #gone = 0
  #records = 0

  /** Records and spans appended and not committed. */
  get records(): number {
    return this.#records
  }

  appended(sequence: number, count: number): void {
    this.#entries.push({ sequence, count })
    this.#records += count
  }

  committed(sequence: number): void {
    for (;;) {
      const entry = this.#entries[this.#gone]
      if (entry === undefined || entry.sequence > sequence) break
      this.#records -= entry.count
      this.#gone += 1
    }
    if (this.#gone < 1_024 && this.#gone < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#gone)
    this.#gone = 0
  }
}
