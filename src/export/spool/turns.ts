/**
 * One thing at a time on the disk: a disk that stalls holds one thread of the pool, whatever waits behind it.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs when all that was asked before is done, whatever became of it. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(job)
    this.#last = turn.catch(() => {})
    return turn
  }
}
