require('./nats-app.cjs').run(require('nats'))
