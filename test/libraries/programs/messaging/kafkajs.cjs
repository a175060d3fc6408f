require('./kafkajs-app.cjs').run(require('kafkajs'))
