/**
 * What does the bridge add to a winston call on the main thread, with everything behind it up to the encoded bytes?
 *
 * `info` with five fields in a span and outside of one, `debug` that nobody takes, one record of the Logs API; each against
 * bare winston in the same process, alternately. Run: node test/bench/winston-bridge.bench.ts
 */
import { context, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { Writable } from 'node:stream'
import type * as Winston from 'winston'

import { createWinstonInstrumentation } from '../../src/capture/loggers/winston/winston-instrumentation.ts'
import { createLoggerProvider } from '../../src/record/logger-provider.ts'
import { loadWinston } from '../support/winston.ts'
import { announce, median, table } from './support/figures.ts'
import { straightRecords } from './support/straight-records.ts'

const CALLS = 20_000
const ROUNDS = 9

const PIECE = 100
/** Between two pieces. */
const PAUSE_MILLIS = 5
const PIECES = 60

const bare = loadWinston()
const bridged = loadWinston()
const general = loadWinston()
createWinstonInstrumentation({ records: straightRecords(true) }).attach(bridged)
createWinstonInstrumentation({ records: straightRecords(false) }).attach(general)
const api = createLoggerProvider(straightRecords(true)).getLogger('bench')
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

function loggerOf(winston: typeof Winston, format: Winston.Logform.Format = winston.format.json()): Winston.Logger {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done(), writev: (_chunks, done) => done() })
  return winston.createLogger({
    format,
    transports: [new winston.transports.Stream({ stream: nowhere })],
  })
}
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

/** As servers have it: what others do in the pauses pushes winston and us out of the caches. */
async function nanosPerPiecedCall(call: (index: number) => void): Promise<number> {
  const start = process.threadCpuUsage()
  for (let index = 0; index < PIECES * PIECE;) {
    for (let i = 0; i < PIECE; i++, index++) call(index)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS))
  }
  const { user, system } = process.threadCpuUsage(start)
  return ((user + system) * 1000) / (PIECES * PIECE)
}

/** Wall time: too short for the resolution of CPU time (4 ms here). */
async function nanosPerDisabledCall(logger: Winston.Logger, calls: number): Promise<number> {
  await new Promise(setImmediate)
  const start = performance.now()
  for (let index = 0; index < calls; index++) logger.debug('request', { index })
  return ((performance.now() - start) * 1e6) / calls
}

/** What most applications write: it adds a field that is the record's time. */
const stampedLoggerOf = (winston: typeof Winston): Winston.Logger =>
  loggerOf(winston, winston.format.combine(winston.format.timestamp(), winston.format.json()))

const bareLogger = loggerOf(bare)
const bridgedLogger = loggerOf(bridged)
const generalLogger = loggerOf(general)
const bareStamped = stampedLoggerOf(bare)
const bridgedStamped = stampedLoggerOf(bridged)
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const inSpan = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, span), run)
const loops: Record<string, () => Promise<number>> = {
  'info, bare': () => nanosPerCall((index) => bareLogger.info(`request ${index}`, fields(index))),
  'info, bridge, no span': () => nanosPerCall((index) => bridgedLogger.info(`request ${index}`, fields(index))),
  'info, bridge, in a span': () =>
    inSpan(() => nanosPerCall((index) => bridgedLogger.info(`request ${index}`, fields(index)))),
  'info, bridge, in a span, general path': () =>
    inSpan(() => nanosPerCall((index) => generalLogger.info(`request ${index}`, fields(index)))),
  'info in pieces, bare': () => nanosPerPiecedCall((index) => bareLogger.info(`request ${index}`, fields(index))),
  'info in pieces, bridge, in a span': () =>
    inSpan(() => nanosPerPiecedCall((index) => bridgedLogger.info(`request ${index}`, fields(index)))),
  'info with timestamp, bare': () => nanosPerCall((index) => bareStamped.info(`request ${index}`, fields(index))),
  'info with timestamp, bridge, in a span': () =>
    inSpan(() => nanosPerCall((index) => bridgedStamped.info(`request ${index}`, fields(index)))),
  'disabled debug, bare': () => nanosPerDisabledCall(bareLogger, CALLS),
  'disabled debug, bridge': () => nanosPerDisabledCall(bridgedLogger, CALLS * 50),
  'Logs API, in a span': () =>
    inSpan(() =>
      nanosPerCall((index) =>
        api.emit({ severityNumber: SeverityNumber.INFO, body: `request ${index}`, attributes: fields(index) as never }),
      ),
    ),
}
const results = Object.fromEntries(Object.keys(loops).map((name) => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, loop] of Object.entries(loops)) results[name]?.push(await loop())
}

announce('The winston bridge with gate, redaction and encoding: CPU of the main thread, ns per call')
table(
  ['', 'ns'],
  Object.entries(results).map(([name, figures]) => [name, median(figures)]),
)
