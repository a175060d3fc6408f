require('./calls.cjs').run(require('./pino-adapter.cjs').adapterOf(require('pino')))
