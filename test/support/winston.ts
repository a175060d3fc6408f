/**
 * A fresh copy of real winston per test file, with the bridge or without, and what its transports write.
 */
import { createRequire } from 'node:module'
import { Writable } from 'node:stream'

import type * as Winston from 'winston'

import {
  createWinstonInstrumentation,
  type WinstonInstrumentation,
  type WinstonInstrumentationOptions,
} from '../../src/capture/loggers/winston/winston-instrumentation.ts'

const require = createRequire(import.meta.url)

/** winston, logform and the streams below it, loaded anew: no class of it has been hooked before. */
export function loadWinston(): typeof Winston {
  for (const path of Object.keys(require.cache)) {
    if (/[\\/]node_modules[\\/](?:winston|winston-transport|logform)[\\/]/.test(path)) delete require.cache[path]
  }
  return require('winston') as typeof Winston
}

export interface BridgedWinston {
  readonly winston: typeof Winston
  readonly bridge: WinstonInstrumentation
}

export function loadBridgedWinston(options: WinstonInstrumentationOptions): BridgedWinston {
  const winston = loadWinston()
  const bridge = createWinstonInstrumentation(options)
  bridge.enable()
  return { winston, bridge }
}

/** Keeps what is written to it. */
export function createOutput(): { readonly stream: Writable; readonly lines: string[] } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString().replace(/\r?\n$/, ''))
      done()
    },
  })
  return { stream, lines }
}
