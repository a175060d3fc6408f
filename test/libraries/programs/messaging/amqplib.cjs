require('./amqplib-app.cjs').run(require('amqplib'), require('amqplib/callback_api'))
