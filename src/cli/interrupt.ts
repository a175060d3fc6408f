/**
 * Ctrl-C and `kill` as an AbortSignal: for commands that follow something until they are told to end.
 */

/** Source: what service managers and terminals send. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface Interrupt {
  readonly signal: AbortSignal
  /** Resolves when it has come. */
  readonly came: Promise<void>
  /** Takes the listeners away again. */
  stop(): void
}

/**
 * The first signal aborts; a second one ends the process at once, as if nobody listened.
 *
 * @param onHangup  SIGHUP is this instead: for services, which no terminal leaves
 */
export function createInterrupt(onHangup?: () => void): Interrupt {
  const controller = new AbortController()
  const { promise: came, resolve } = Promise.withResolvers<void>()
  const onSignal = (): void => {
    stop()
    controller.abort()
    resolve()
  }
  const stop = (): void => {
    for (const name of SIGNALS) process.removeListener(name, onSignal)
    if (onHangup !== undefined) process.removeListener('SIGHUP', onHangup)
  }
  for (const name of SIGNALS) process.on(name, name === 'SIGHUP' && onHangup !== undefined ? onHangup : onSignal)
  return { signal: controller.signal, came, stop }
}
