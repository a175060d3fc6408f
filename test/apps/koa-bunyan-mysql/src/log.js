import bunyan from 'bunyan'

export const log = bunyan.createLogger({
  name: 'library',
  level: process.env.LOG_LEVEL ?? 'info',
  serializers: bunyan.stdSerializers,
})
