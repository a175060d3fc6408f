// Main-thread CPU of a debug call with five fields that the logger's level stops: outside of a unit, in a unit that ends well, in one
// that is dumped. argv: winston or pino, calls per measurement. Without the preload a unit is its function.
const { createRequire } = require('node:module')
const { Writable } = require('node:stream')

const { recorder } = require('../../../dist/index.js')

const [library, calls] = [process.argv[2], Number(process.argv[3])]
const LINES_PER_UNIT = 100
/** Fewer than may be dumped at once (spec: recorder, storms), of fewer lines than a unit may keep. */
const DUMPS = 40
const LINES_PER_DUMP = 500
/** So many times as often where nothing is kept: the clock of a thread's CPU goes in milliseconds on some machines. */
const MORE = 8
const isKeeping = process.env.TRACELOG_RECORDER === 'on'
const times = (units) => (isKeeping ? units : units * MORE)

function createLogger() {
  if (library === 'pino') {
    const pino = createRequire(require.resolve('../../libraries/newest/package.json'))('pino')
    const logger = pino({ level: 'info' }, { write: () => true })
    return (fields) => logger.debug(fields, 'request handled')
  }
  const winston = require('winston')
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(), writev: (_chunks, done) => done() })
  const transports = [new winston.transports.Stream({ stream })]
  const logger = winston.createLogger({ level: 'info', format: winston.format.json(), transports })
  return (fields) => logger.debug('request handled', fields)
}

const debug = createLogger()
const fields = (i) => ({
  'http.request.method': 'GET',
  'url.path': '/items/1',
  'user.id': i,
  'cache.hit': true,
  tenant: 'acme',
})
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function nanosPerCall(units, linesPerUnit, run) {
  const { user, system } = process.threadCpuUsage()
  for (let unit = 0; unit < units; unit++) {
    run(linesPerUnit)
    await turn()
  }
  const after = process.threadCpuUsage()
  return ((after.user - user + after.system - system) * 1000) / (units * linesPerUnit)
}

function log(count) {
  for (let i = 0; i < count; i++) debug(fields(i))
}
const kinds = {
  outside: () => nanosPerCall((MORE * calls) / LINES_PER_UNIT, LINES_PER_UNIT, log),
  kept: () =>
    nanosPerCall(times(calls / LINES_PER_UNIT), LINES_PER_UNIT, (count) => recorder.unit('job', () => log(count))),
  dumped: () =>
    nanosPerCall(times(DUMPS), LINES_PER_DUMP, (count) =>
      recorder.unit('job', () => {
        log(count)
        recorder.dump()
      }),
    ),
}

void (async () => {
  const result = {}
  for (const [kind, measure] of Object.entries(kinds)) {
    // Dumps are few in each second: their code has been warmed up by nobody, as in a server that seldom fails.
    if (kind !== 'dumped') await measure()
    result[kind] = await measure()
  }
  process.stdout.write(JSON.stringify({ ...result, stats: recorder.stats() }))
  process.exit(0)
})()
