const { Kafka, logLevel } = require('kafkajs')
const pino = require('pino')

const LEVELS = { [logLevel.ERROR]: 'error', [logLevel.WARN]: 'warn', [logLevel.INFO]: 'info', [logLevel.DEBUG]: 'debug' }

/** One logger for all, with lower-case level names. */
exports.logger = pino({
  level: process.env.LOG_LEVEL ?? 'info',
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
})

exports.TOPIC = 'payments'

exports.kafka = new Kafka({
  clientId: 'payments',
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  logLevel: logLevel.WARN,
  logCreator:
    () =>
    ({ level, log: { message } }) =>
      exports.logger[LEVELS[level]]({ lib: 'kafkajs' }, message),
})
