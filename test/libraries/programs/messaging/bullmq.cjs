require('./bullmq-app.cjs').run(require('bullmq'))
