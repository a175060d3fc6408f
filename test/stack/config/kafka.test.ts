/**
 * kafka-agent.yaml and kafka-gateway.yaml are merged over agent.yaml and gateway.yaml: here it shows that no pipeline is
 * forgotten when those change (it would go on past Kafka), and that the queue is the agent's own.
 */
import { expect, test } from 'vitest'

import { readConfig } from '../../support/collector-config.ts'
import { composeWith } from '../../support/compose.ts'

const agent = readConfig('agent.yaml')
const kafkaAgent = readConfig('kafka-agent.yaml')
const gateway = readConfig('gateway.yaml')
const kafkaGateway = readConfig('kafka-gateway.yaml')

test('each pipeline of the agent ends in Kafka', () => {
  const pipelines = Object.keys(agent.service.pipelines)
  expect(kafkaAgent.service.pipelines).toEqual(
    Object.fromEntries(pipelines.map((name) => [name, { exporters: ['kafka'] }])),
  )
})

test('each pipeline of the gateway begins with Kafka', () => {
  const pipelines = Object.keys(gateway.service.pipelines)
  expect(kafkaGateway.service.pipelines).toEqual(
    Object.fromEntries(pipelines.map((name) => [name, { receivers: ['kafka'] }])),
  )
})

test('the queue before Kafka and its retries are those before a gateway', () => {
  const { retry_on_failure, sending_queue } = agent.exporters['otlp_http/gateway']!
  expect(kafkaAgent.exporters['kafka']).toMatchObject({ retry_on_failure, sending_queue })
})

test('both read and write the same topics', () => {
  const { logs, traces } = kafkaAgent.exporters['kafka'] as Record<'logs' | 'traces', { topic: string }>
  expect(kafkaGateway.receivers['kafka']).toMatchObject({
    logs: { topics: [logs.topic] },
    traces: { topics: [traces.topic] },
  })
})

test('a message may be larger than the largest batch, and the broker takes it', () => {
  const kafka = kafkaAgent.exporters['kafka'] as {
    producer: { max_message_bytes: number }
    sending_queue: { batch: { max_size: number } }
  }
  expect(kafka.producer.max_message_bytes).toBeGreaterThan(kafka.sending_queue.batch.max_size)
  const broker = composeWith(['kafka']).services['kafka']?.environment?.['KAFKA_MESSAGE_MAX_BYTES']
  expect(Number(broker)).toBeGreaterThan(kafka.producer.max_message_bytes)
})
