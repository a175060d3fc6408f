/**
 * The libraries whose messages are hops: their names and files. What is done with them is compiled when one of them is loaded.
 */
import type { Instrumentation } from '../instrumentation.ts'
import { libraryInstrumentation } from '../library-instrumentation.ts'
import { createBullmqHook, type BullmqFile } from './bullmq/bullmq-hook.ts'
import { createAmqplibHook, type AmqplibFile } from './amqplib/amqplib-hook.ts'
import { createKafkajsHook, type KafkajsFile } from './kafkajs/kafkajs-hook.ts'
import { createNatsHook, type NatsFile } from './nats/nats-hook.ts'
import type { MessagingOptions } from './messaging-options.ts'

const BULLMQ: readonly BullmqFile[] = ['QueueBase', 'FlowProducer', 'Worker', 'Job'].map((className) => ({
  package: 'bullmq',
  file: `dist/cjs/classes/${fileOf(className)}.js`,
  className,
}))

const KAFKAJS: readonly KafkajsFile[] = [
  { package: 'kafkajs', file: 'src/errors.js', role: 'errors' },
  { package: 'kafkajs', file: 'src/producer/sendMessages.js', role: 'send-messages' },
  { package: 'kafkajs', file: 'src/protocol/recordBatch/record/v0/index.js', role: 'record' },
  { package: 'kafkajs', file: 'src/consumer/batch.js', role: 'batch' },
  { package: 'kafkajs', file: 'src/consumer/consumerGroup.js', role: 'consumer-group' },
  { package: 'kafkajs', file: 'src/consumer/runner.js', role: 'runner' },
]

const AMQPLIB: readonly AmqplibFile[] = [
  { package: 'amqplib', file: 'lib/api_args.js', role: 'arguments' },
  { package: 'amqplib', file: 'lib/channel.js', role: 'channel' },
  { package: 'amqplib', file: 'lib/channel_model.js', role: 'model' },
  { package: 'amqplib', file: 'lib/callback_model.js', role: 'model' },
]

const NATS: readonly NatsFile[] = [
  ...[
    { package: 'nats', folder: 'lib/nats-base-client' },
    { package: '@nats-io/nats-core', folder: 'lib' },
  ].flatMap(({ package: name, folder }): NatsFile[] => [
    { package: name, file: `${folder}/headers.js`, role: 'headers' },
    { package: name, file: `${folder}/queued_iterator.js`, role: 'iterator' },
    { package: name, file: `${folder}/protocol.js`, role: 'protocol' },
  ]),
  { package: 'nats', file: 'lib/jetstream/consumer.js', role: 'consumer' },
  // `js.subscribe`, before there were consumers; below 2.8 in the other folder.
  { package: 'nats', file: 'lib/jetstream/jsclient.js', role: 'stream-client' },
  { package: 'nats', file: 'lib/nats-base-client/jsclient.js', role: 'stream-client' },
  { package: '@nats-io/jetstream', file: 'lib/consumer.js', role: 'consumer' },
  { package: '@nats-io/jetstream', file: 'lib/pushconsumer.js', role: 'consumer' },
]

/** In the order in which they are to be enabled. */
export function createMessagingInstrumentations(options: MessagingOptions): readonly Instrumentation[] {
  return [
    libraryInstrumentation({ name: 'bullmq', files: BULLMQ, open: () => createBullmqHook(options) }),
    libraryInstrumentation({ name: 'kafkajs', files: KAFKAJS, open: () => createKafkajsHook(options) }),
    libraryInstrumentation({ name: 'amqplib', files: AMQPLIB, open: () => createAmqplibHook(options) }),
    libraryInstrumentation({ name: 'nats', files: NATS, open: () => createNatsHook(options) }),
  ]
}

/** `QueueBase` -> `queue-base`. */
function fileOf(className: string): string {
  return className.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase()
}
