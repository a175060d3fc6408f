/**
 * The engine of this process, for tests: the one that runs, or one that is started now and sends nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'

import type { Resource } from '../model/log-record.ts'
import type { Seen } from './seen.ts'

/** What of the engine tests need. */
export interface EngineOfTests {
  witness(seen: Seen): WatchOfTest
  /** Writes what libraries still keep. */
  settle(): void
  /** Takes every hook back, now. */
  stop(): void
  /** Who emits. */
  resource(): Resource
}

interface WatchOfTest {
  run<T>(fn: () => T): T
  settled(timeoutMillis: number): Promise<void>
  end(): void
}

interface Bundle {
  start(options: {
    readonly logsExporters: readonly ['none']
    readonly tracesExporters: readonly ['none']
  }): EngineOfTests
}

const ENGINE = Symbol.for('org.tracelog.v1')
/** On a class of Node's own, which is the same in every global object of a process. */
const OF_TESTS: unique symbol = Symbol.for('org.tracelog.tests')

/** @throws TRACELOG_CONFIG_INVALID on a wrong setting, when nothing is running yet */
export function engineOfTests(): EngineOfTests {
  const seat = AsyncLocalStorage as { [OF_TESTS]?: EngineOfTests }
  const running = (globalThis as { [ENGINE]?: EngineOfTests })[ENGINE]
  // jest gives each test file a global object of its own: the engine of the file before would hear what this one should.
  if (seat[OF_TESTS] !== running) seat[OF_TESTS]?.stop()
  const engine = running ?? start()
  Object.defineProperty(seat, OF_TESTS, { value: engine, configurable: true, writable: true })
  return engine
}

function start(): EngineOfTests {
  const bundle = createRequire(import.meta.url)('../engine.cjs') as Bundle
  return bundle.start({ logsExporters: ['none'], tracesExporters: ['none'] })
}
