// A logger of each library with these options on this stream, and what it says of its level outside of a request.
exports.pino = (pino) => ({
  make: (options, stream) => pino(options, stream),
  levelOf: (log) => [log.level, log.isLevelEnabled('debug')],
})
exports.bunyan = (bunyan) => ({
  make: (options, stream) => bunyan.createLogger({ ...options, stream }),
  levelOf: (log) => [bunyan.nameFromLevel[log.level()], log.debug()],
})
