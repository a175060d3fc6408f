/**
 * Required before a program that ends by itself: waits, when nothing else is left to do, until all that it wrote is sent. The end of a
 * process waits 800 ms for an answer, and a busy machine with several such programs and their receiver needs longer.
 */
process.once('beforeExit', () => {
  const stay = setInterval(() => {}, 1_000)
  const flushed = globalThis[Symbol.for('org.tracelog.v1')]?.flush({ timeoutMillis: 15_000 })
  void Promise.resolve(flushed).finally(() => clearInterval(stay))
})
