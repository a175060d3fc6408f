/**
 * A fresh copy of real pino of a set, heard in this process.
 */
import { createRequire } from 'node:module'

import { libraryInstrumentation } from '../../src/capture/library-instrumentation.ts'
import type { Instrumentation } from '../../src/capture/instrumentation.ts'
import { createPinoHook } from '../../src/capture/loggers/pino/pino-hook.ts'
import { PINO } from '../../src/capture/loggers/pino/pino-library.ts'
import type { RecordEmitter } from '../../src/record/record-emitter.ts'
import type { LibrarySet } from './libraries.ts'

/** What of a logger the tests use; levels of its own beside. */
export interface PinoLogger {
  level: string
  readonly silent: unknown
  child(bindings: object, options?: object): PinoLogger
  isLevelEnabled(level: string): boolean
  readonly [level: string]: any
}
export type Pino = ((options?: object, stream?: object) => PinoLogger) & {
  multistream(streams: readonly object[]): object
}

/** Loaded anew: no prototype of it has been hooked before. */
export function loadPino(set: LibrarySet): Pino {
  const load = createRequire(new URL(`../libraries/${set}/package.json`, import.meta.url))
  for (const path of Object.keys(load.cache)) {
    if (/[\\/]node_modules[\\/]pino[\\/]/.test(path)) delete load.cache[path]
  }
  return load('pino') as Pino
}

/** Not enabled yet. */
export function pinoInstrumentation(records: RecordEmitter): Instrumentation {
  return libraryInstrumentation({ ...PINO, open: () => createPinoHook({ records }) })
}
