/**
 * What does the bridge add to a bunyan call on the main thread, and the capture of standard output to a written line?
 *
 * With everything behind it up to the encoded bytes: `info` with five fields in a span and outside of one, `debug` that nobody takes, a
 * line of text and one of JSON; each against the same without us in this process, alternately. Run: node test/bench/bunyan-bridge.bench.ts
 */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { createRequire } from 'node:module'

import { createBunyanHook } from '../../src/capture/loggers/bunyan/bunyan-hook.ts'
import { createStdioRecords } from '../../src/capture/loggers/stdio-records.ts'
import { straightRecords } from './support/straight-records.ts'
import { announce, median, table } from './support/figures.ts'

const CALLS = 20_000
const ROUNDS = 9
/** Wall time, which is too short for fewer. */
const DISABLED_CALLS = 1_000_000

interface Logger {
  info(fields: object, text: string): void
  debug(fields: object, text: string): void
}
interface Bunyan {
  createLogger(options: object): Logger
}

const require = createRequire(new URL('../libraries/newest/package.json', import.meta.url))

/** Of the newest set of libraries, not of this package. */
const LIBRARY = 'bunyan'

/** A copy of its own. */
function loadBunyan(): Bunyan {
  const path = require.resolve(LIBRARY)
  delete require.cache[path]
  return require(path) as Bunyan
}

const records = straightRecords()
const bridged = loadBunyan()
createBunyanHook({ records, hearsAll: false }).attach?.(bridged)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const loggerOf = (bunyan: Bunyan): Logger =>
  bunyan.createLogger({ name: 'bench', streams: [{ stream: { write: () => true } }] })
const fields = (index: number): object => ({
  'http.request.method': 'GET',
  'url.path': `/api/items/${index}`,
  'user.id': index,
  'cache.hit': true,
  component: 'orders-service',
})

async function nanosPerCall(call: (index: number) => void): Promise<number> {
  const start = process.threadCpuUsage()
  for (let index = 0; index < CALLS;) {
    for (let batch = 0; batch < 200 && index < CALLS; batch++, index++) call(index)
    await new Promise(setImmediate)
  }
  const { user, system } = process.threadCpuUsage(start)
  return ((user + system) * 1000) / CALLS
}

async function nanosPerDisabledCall(logger: Logger): Promise<number> {
  await new Promise(setImmediate)
  const start = performance.now()
  for (let index = 0; index < DISABLED_CALLS; index++) logger.debug({ index }, 'request')
  return ((performance.now() - start) * 1e6) / DISABLED_CALLS
}

const bare = loggerOf(loadBunyan())
const heard = loggerOf(bridged)
const lines = createStdioRecords({ records })
const written = (chunk: string): void => lines.write({ stream: 'stdout', chunk, encoding: undefined })
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const inSpan = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, span), run)
const info = (logger: Logger) => (index: number) => logger.info(fields(index), `request ${index}`)
const loops: Record<string, () => Promise<number>> = {
  'bunyan info, bare': () => nanosPerCall(info(bare)),
  'bunyan info, bridge, no span': () => nanosPerCall(info(heard)),
  'bunyan info, bridge, in a span': () => inSpan(() => nanosPerCall(info(heard))),
  'bunyan debug that is off, bare': () => nanosPerDisabledCall(bare),
  'bunyan debug that is off, bridge': () => nanosPerDisabledCall(heard),
  'captured line of text (all of it is ours)': () =>
    nanosPerCall((index) => written(`request ${index} was answered\n`)),
  'captured line of JSON (all of it is ours)': () =>
    nanosPerCall((index) =>
      written(`{"level":"info","message":"request ${index}","user":${index},"path":"/api/items"}\n`),
    ),
}

const nanos = new Map(Object.keys(loops).map((name) => [name, [] as number[]]))
for (const run of Object.values(loops)) await run()
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(loops)) nanos.get(name)?.push(await run())
}
announce(
  'What does the bridge add to a bunyan call, and the capture to a line of standard output? (ns per call, median)',
)
table(
  ['call', 'ns'],
  [...nanos].map(([name, values]) => [name, Math.round(median(values))]),
)
