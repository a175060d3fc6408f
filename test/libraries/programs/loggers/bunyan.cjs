require('./calls.cjs').run(require('./bunyan-adapter.cjs').adapterOf(require('bunyan')))
