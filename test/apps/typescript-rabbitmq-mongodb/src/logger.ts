import { createLogger, format, transports, type Logger } from 'winston'

export const logger: Logger = createLogger({
  level: 'debug',
  format: format.combine(format.timestamp(), format.splat(), format.json()),
  transports: [new transports.Console()],
})
