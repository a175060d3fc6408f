// Lines of pino and bunyan in a task, at a level that is on and at one that is off.
const bunyan = require('bunyan')
const pino = require('pino')

const { tasks } = globalThis[Symbol.for('org.tracelog.v1')]
const nowhere = { write: () => true }
const loggers = {
  pino: pino({ level: 'info' }, nowhere),
  'pino child': pino({ level: 'info' }, nowhere).child({ of: 'child' }),
  bunyan: bunyan.createLogger({ name: 'shop', stream: nowhere, level: 'info' }),
}

tasks.to('log', { attributes: { tenant: 'a' } }, () => {
  for (const [name, logger] of Object.entries(loggers)) {
    logger.debug(`${name} debug`)
    logger.info({ n: 1 }, `${name} info`)
    logger.error({ nested: { a: 1 } }, `${name} error`)
  }
})
