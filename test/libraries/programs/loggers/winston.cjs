require('./calls.cjs').run(require('./winston-adapter.cjs').adapterOf(require('winston')))
