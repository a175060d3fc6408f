/**
 * Are the names in OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS names of something?
 */
import type { AppConfig } from '../config/app-config.ts'
import { sayOnce } from '../diag/events.ts'
import { nearest } from '../model/nearest.ts'

/**
 * What OpenTelemetry's own distribution calls its instrumentations, as far as we have none of that name: a container's
 * environment may switch them off for several distributions. Off they are. Source: auto-instrumentations-node 0.301. And names
 * by which a person says that it is known what is not captured (`capture/loggers/unheard-loggers.ts`).
 */
const OTHERS = new Set(
  `amqplib aws-lambda aws-sdk cassandra-driver connect cucumber dataloader dns fastify fs generic-pool graphql hapi
   host-metrics kafkajs knex koa lru-memoizer memcached mongodb mongoose mysql mysql2 nestjs-core net openai oracledb pg
   restify router runtime-node socket.io tedious log4js worker_threads`.split(/\s+/),
)

export type NameConfig = Pick<AppConfig, 'enabledInstrumentations' | 'disabledInstrumentations'>

/** One line per name that is unknown, with the one that was probably meant. */
export function sayUnknownNames(config: NameConfig, known: readonly string[]): void {
  const { enabledInstrumentations = [], disabledInstrumentations } = config
  const unknown = (name: string) => !known.includes(name)
  for (const name of enabledInstrumentations.filter(unknown)) tell('OTEL_NODE_ENABLED_INSTRUMENTATIONS', name, known)
  for (const name of disabledInstrumentations.filter((each) => unknown(each) && !OTHERS.has(each))) {
    tell('OTEL_NODE_DISABLED_INSTRUMENTATIONS', name, known)
  }
}

function tell(variable: string, name: string, known: readonly string[]): void {
  const meant = nearest(name, known)
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`
  sayOnce(`name:${variable}:${name}`, `${variable} names "${name}", which there is not: ${hint}`)
}
