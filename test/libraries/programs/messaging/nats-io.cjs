require('./nats-app.cjs').run(require('@nats-io/transport-node'), require('@nats-io/jetstream'))
