// Main-thread CPU of winston calls with five fields, in batches, so that exporters get their turn. argv: calls per measurement.
const { Writable } = require('node:stream')
const winston = require('winston')

const calls = Number(process.argv[2])
const nowhere = new Writable({ write: (_c, _e, done) => done(), writev: (_c, done) => done() })
const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
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
const kinds = {
  info: (i) => logger.info('request handled', fields(i)),
  debug: (i) => logger.debug('request handled', fields(i)),
}
async function measure(call) {
  const before = cpuNanos()
  for (let i = 0; i < calls;) {
    for (let k = 0; k < 100 && i < calls; k++, i++) call(i)
    await turn()
  }
  return (cpuNanos() - before) / calls
}
void (async () => {
  const result = {}
  for (const [kind, call] of Object.entries(kinds)) {
    await measure(call)
    result[kind] = await measure(call)
  }
  process.stdout.write(JSON.stringify(result))
  process.exit(0)
})()
