const winston = require('winston')

const { combine, timestamp, json, errors, printf, colorize } = winston.format

/** JSON where machines read it, a short line where a person does. */
const format = process.stdout.isTTY
  ? combine(colorize(), timestamp(), errors({ stack: true }), printf(({ timestamp, level, message }) => `${timestamp} ${level} ${message}`))
  : combine(timestamp(), errors({ stack: true }), json())

module.exports = winston.createLogger({
  level: process.env.LOG_LEVEL ?? 'info',
  format,
  transports: [new winston.transports.Console()],
})
