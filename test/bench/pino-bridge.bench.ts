/**
 * What does the bridge add to a pino call on the main thread, with everything behind it up to the encoded bytes?
 *
 * `info` with five fields in a span and outside of one, of a child, `debug` that nobody takes; each against bare pino in the same process,
 * alternately: pino tells the whole process of its lines, so the bridge is switched on and off between two loops.
 * Run: node test/bench/pino-bridge.bench.ts [oldest|between|newest]
 */
import { channel } from 'node:diagnostics_channel'

import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

import type { LibrarySet } from '../support/libraries.ts'
import { PINO_CHANNELS } from '../../src/capture/loggers/pino/pino-library.ts'
import { loadPino, pinoInstrumentation, type PinoLogger } from '../support/pino.ts'
import { straightRecords } from './support/straight-records.ts'
import { announce, median, table } from './support/figures.ts'

const CALLS = 20_000
const ROUNDS = 9
/** Wall time, which is too short for fewer. */
const DISABLED_CALLS = 1_000_000

const set = (process.argv[2] ?? 'newest') as LibrarySet
const pino = loadPino(set)
const instrumentation = pinoInstrumentation(straightRecords())
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** A logger that is only ever used with the bridge, or only ever without it. */
function loggerOf(isBridged: boolean): PinoLogger {
  if (isBridged) instrumentation.enable()
  const logger = pino({}, { write: () => true })
  instrumentation.disable()
  return logger
}

const fields = (index: number): object => ({
  'http.request.method': 'GET',
  'url.path': `/api/items/${index}`,
  'user.id': index,
  'cache.hit': true,
  component: 'orders-service',
})

async function nanosPerCall(logger: PinoLogger): Promise<number> {
  const start = process.threadCpuUsage()
  for (let index = 0; index < CALLS;) {
    for (let batch = 0; batch < 200 && index < CALLS; batch++, index++)
      logger['info'](fields(index), `request ${index}`)
    await new Promise(setImmediate)
  }
  const { user, system } = process.threadCpuUsage(start)
  return ((user + system) * 1000) / CALLS
}

async function nanosPerDisabledCall(logger: PinoLogger): Promise<number> {
  await new Promise(setImmediate)
  const start = performance.now()
  for (let index = 0; index < DISABLED_CALLS; index++) logger['debug']({ index }, 'request')
  return ((performance.now() - start) * 1e6) / DISABLED_CALLS
}

async function bridged(run: () => Promise<number>): Promise<number> {
  instrumentation.enable()
  const nanos = await run()
  instrumentation.disable()
  return nanos
}

/** pino's own part of telling, which no bridge goes without. */
async function listenedTo(run: () => Promise<number>): Promise<number> {
  const listen = (): void => {}
  const channels = Object.values(PINO_CHANNELS).map((name) => channel(name))
  for (const each of channels) each.subscribe(listen)
  const nanos = await run()
  for (const each of channels) each.unsubscribe(listen)
  return nanos
}

const bare = loggerOf(false)
const heard = loggerOf(true)
const bareChild = bare.child({ tenant: 'a', requestId: 'r-1' })
const heardChild = heard.child({ tenant: 'a', requestId: 'r-1' })
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const inSpan = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, span), run)
const loops: Record<string, () => Promise<number>> = {
  'info, bare': () => nanosPerCall(bare),
  'info, two listeners that do nothing': () => listenedTo(() => nanosPerCall(bare)),
  'info, bridge, no span': () => bridged(() => nanosPerCall(heard)),
  'info, bridge, in a span': () => bridged(() => inSpan(() => nanosPerCall(heard))),
  'info of a child, bare': () => nanosPerCall(bareChild),
  'info of a child, bridge, in a span': () => bridged(() => inSpan(() => nanosPerCall(heardChild))),
  'disabled debug, bare': () => nanosPerDisabledCall(bare),
  'disabled debug, bridge': () => bridged(() => nanosPerDisabledCall(heard)),
}
const results = Object.fromEntries(Object.keys(loops).map((name) => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, loop] of Object.entries(loops)) results[name]?.push(await loop())
}

announce(`The pino bridge (${set} set) with gate, redaction and encoding: CPU of the main thread, ns per call`)
const bareOf = (name: string): number => median(results[`${name.split(',')[0]}, bare`] ?? [])
table(
  ['', 'ns', 'over bare', 'x bare'],
  Object.entries(results).map(([name, figures]) => [
    name,
    median(figures),
    median(figures) - bareOf(name),
    median(figures) / bareOf(name),
  ]),
)
