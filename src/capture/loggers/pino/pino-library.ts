/**
 * Where pino is seen: all that a start knows of it. What is done then is in pino-hook.ts, compiled by pino's first use.
 */
import type { Library } from '../../library-instrumentation.ts'

/** From pino 9.10 on. */
export const PINO_CHANNELS = { start: 'tracing:pino_asJson:start', end: 'tracing:pino_asJson:end' } as const

export const PINO: Omit<Library, 'open'> = {
  name: 'pino',
  files: [{ package: 'pino', file: 'lib/proto.js' }],
  channels: Object.values(PINO_CHANNELS),
}
