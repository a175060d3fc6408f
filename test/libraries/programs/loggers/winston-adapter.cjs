/** winston for calls.cjs, with a level for each of pino's names. @param winston  as the program's module system gives it */
const { Writable } = require('node:stream')

exports.adapterOf = function adapterOf(winston) {
  const levels = { fatal: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 }
  const make = ({ streams = 1, level = 'info', onLine, onWrite }) => {
    const stream = () =>
      new Writable({
        write(chunk, _encoding, done) {
          onWrite?.()
          onLine(String(chunk))
          done()
        },
      })
    const transports = Array.from({ length: streams }, () => new winston.transports.Stream({ stream: stream() }))
    return { logger: winston.createLogger({ levels, level, transports, format: winston.format.json() }) }
  }
  return {
    make,
    levels: Object.keys(levels).toReversed(),
    setLevel: (logger, level) => void (logger.level = level),
    child: (logger, fields) => logger.child(fields),
    log(logger, level, { message, args = [], fields, error }) {
      const given = [message, ...args, error, fields].filter((each) => each !== undefined)
      logger[level](...given)
    },
    rows: {},
  }
}
