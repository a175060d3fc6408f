/**
 * Does at least one transport take this level? The same answer as winston's own TransportStream._write, without its work.
 */
import { pipesOf, type WinstonLogger, type WinstonTransport } from './winston-types.ts'

/** Whether a record of that level is printed by anything the logger writes to. */
export function isTaken(logger: WinstonLogger, level: string, isException = false): boolean {
  const { pipes } = logger._readableState
  // The usual logger has one transport; winston keeps it without an array.
  if (pipes !== null && !Array.isArray(pipes)) return takes(pipes, level, isException)
  return pipesOf(logger).some((transport) => takes(transport, level, isException))
}

/** Whether one transport prints a record of that level. */
export function takes(transport: WinstonTransport, level: string, isException: boolean): boolean {
  if (transport.silent === true) return false
  if (typeof transport.log !== 'function' && transport.transport === undefined) {
    // Any other Writable takes everything.
    return true
  }
  if (typeof transport.log !== 'function' && !('levels' in transport)) {
    // winston's ExceptionStream and RejectionStream: nothing else.
    return isException
  }
  if (isException && transport.handleExceptions !== true) return false
  const isLegacy = transport.transport !== undefined
  const own = transport.level || (isLegacy ? undefined : transport.parent?.level)
  if (!own) return true
  const levels = transport.levels
  if (levels === undefined) return true
  return (levels[own] as number) >= (levels[level] as number)
}
