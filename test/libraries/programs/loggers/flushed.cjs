/** Waits until all that was logged is sent: the end of a process waits for a slow machine no longer than a second. */
exports.flushed = async function flushed() {
  const stay = setInterval(() => {}, 1000)
  await globalThis[Symbol.for('org.tracelog.v1')]?.flush({ timeoutMillis: 15_000 })
  clearInterval(stay)
}
