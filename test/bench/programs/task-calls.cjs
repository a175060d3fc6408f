// Main-thread CPU of tasks, and of records inside and outside of one, in slices in turn. argv: calls per slice, rounds. Prints medians, ns.
const { Writable } = require('node:stream')
const { context, logs, SeverityNumber, trace } = require('@opentelemetry/api')
const winston = require('winston')

const { startTask, to } = require('../../../dist/index.js')

const calls = Number(process.argv[2])
const rounds = Number(process.argv[3])
const nowhere = new Writable({ write: (_c, _e, done) => done(), writev: (_c, done) => done() })
const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const api = logs.getLogger('bench')
const turn = () => new Promise((resolve) => setImmediate(resolve))
const cpuNanos = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) * 1000
}
const fields = (i) => ({
  'http.request.method': 'GET',
  'url.path': '/items/1',
  'user.id': i,
  'cache.hit': true,
  tenant: 'acme',
})
let sum = 0
const add = () => ++sum
const open = startTask('bench')
const inSpan = trace.setSpan(context.active(), trace.getTracer('bench').startSpan('bench'))
const winstonCall = (i) => logger.info('request handled', fields(i))
const apiCall = (i) => api.emit({ severityNumber: SeverityNumber.INFO, body: 'request handled', attributes: fields(i) })
const inside = (call) => (from, count) =>
  open.run(() => {
    for (let k = 0; k < count; k++) call(from + k)
  })
const outside = (call) => (from, count) =>
  context.with(inSpan, () => {
    for (let k = 0; k < count; k++) call(from + k)
  })
const kinds = {
  fn: outside(add),
  to: outside(() => to('count', add)),
  winston: outside(winstonCall),
  'winston in a task': inside(winstonCall),
  api: outside(apiCall),
  'api in a task': inside(apiCall),
}
// What costs nearly nothing is called more often: CPU time is counted in microseconds.
const timesOf = { fn: 100, to: open.token() === '' ? 100 : 1 }
async function slice(run, times = 1) {
  const before = cpuNanos()
  for (let i = 0; i < calls; i += 100) {
    run(i, 100 * times)
    await turn()
  }
  return (cpuNanos() - before) / (calls * times)
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
void (async () => {
  const all = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]))
  for (let round = 0; round < rounds + 2; round++) {
    for (const [kind, run] of Object.entries(kinds)) {
      const nanos = await slice(run, timesOf[kind])
      if (round >= 2) all[kind].push(nanos)
    }
  }
  process.stdout.write(
    JSON.stringify(Object.fromEntries(Object.entries(all).map(([kind, nanos]) => [kind, median(nanos)]))),
  )
  process.exit(0)
})()
