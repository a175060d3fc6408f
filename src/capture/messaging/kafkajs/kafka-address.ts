/**
 * Which broker does a kafkajs cluster talk to? The one that it was told of first: the others of a cluster are as far to trust.
 */
import { readField } from '../../../model/js-object.ts'

export interface KafkaAddress {
  readonly host: string | undefined
  readonly port: number | undefined
}

/** @param cluster  kafkajs' own object */
export function brokerOf(cluster: unknown): KafkaAddress {
  const pool = readField(readField(readField(cluster, 'brokerPool'), 'seedBroker'), 'connectionPool')
  const [host, port] = [readField(pool, 'host'), Number(readField(pool, 'port'))]
  return { host: typeof host === 'string' ? host : undefined, port: Number.isInteger(port) ? port : undefined }
}
