// bunyan and loggers of it, one of which has written, before the preload runs: its path is the argument.
const bunyan = require('bunyan')
const used = bunyan.createLogger({ name: 'used' })
used.info('before')
const unused = bunyan.createLogger({ name: 'unused' })
require(process.argv[2])
used.info('after')
unused.child({ a: 1 }, true).info('child after')
