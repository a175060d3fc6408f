/**
 * What does a message cost that is sent and handled in one process, with the preload and without?
 *
 * A real broker; both variants side by side, in slices. Each round is one request, whose messages are all of its trace.
 * Run: node test/bench/messaging.bench.ts [--library nats|bullmq|amqplib|kafkajs]   (default: all whose broker is here)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startChild } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'
import { startReceiver } from '../support/receiver.ts'
import { hasProgram } from '../support/require.ts'
import { startKafka } from '../support/servers/kafka.ts'
import { startNats } from '../support/servers/nats.ts'
import { findServer } from '../support/servers/program.ts'
import { hasRabbitMq, startRabbitMq } from '../support/servers/rabbitmq.ts'
import { startRedis } from '../support/servers/redis.ts'
import { announce } from './support/figures.ts'
import { measureSlices, printSlices, type Subject } from './support/slices.ts'

interface Broker {
  readonly env: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}
interface Measured {
  readonly isThere: boolean
  readonly start: (folder: string) => Promise<Broker>
}

const LIBRARIES: Readonly<Record<string, Measured>> = {
  nats: {
    isThere: findServer('nats-server') !== undefined,
    async start(folder) {
      const server = await startNats(folder)
      return { env: { BROKER_PORT: String(server.port) }, stop: () => server.kill() }
    },
  },
  bullmq: {
    isThere: hasProgram('redis-server'),
    async start(folder) {
      const server = await startRedis(folder)
      return { env: { BROKER_PORT: new URL(server.url).port }, stop: () => server.stop() }
    },
  },
  amqplib: {
    isThere: hasRabbitMq,
    async start(folder) {
      const server = await startRabbitMq(folder)
      return { env: { BROKER_URL: server.url }, stop: () => server.kill() }
    },
  },
  kafkajs: {
    isThere: findServer('kafka') !== undefined,
    async start(folder) {
      const server = await startKafka(folder)
      return { env: { BROKER_PORT: String(server.ports.broker) }, stop: () => server.kill() }
    },
  },
}

const at = process.argv.indexOf('--library')
const only = at === -1 ? undefined : process.argv[at + 1]
const SLICE = { requests: 200, warmUp: 1_000, seconds: 10 }

for (const [library, { isThere, start }] of Object.entries(LIBRARIES)) {
  if (!isThere || (only !== undefined && only !== library)) continue
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
  const broker = await start(folder)
  const receiver = await startReceiver()
  const env = {
    ...broker.env,
    LIBRARY: library,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
  }
  const children = (['none', 'import'] as const).map((preload) => ({
    preload,
    child: startChild(libraryProgram('messaging/rounds.cjs', 'newest'), { preload, env }),
  }))
  const subjects: Subject[] = []
  for (const { preload, child } of children) {
    await child.prints('port ')
    const url = `http://127.0.0.1:${/port (\d+)/.exec(child.stdout())?.[1]}/round?n=`
    const run = async (count: number) => {
      const response = await fetch(url + count)
      if (!response.ok) throw new Error(await response.text())
    }
    subjects.push({ name: preload === 'none' ? `${library}, bare` : library, pids: [child.process.pid ?? 0], run })
  }
  announce(`${library}: a message sent and handled, CPU of all threads`)
  printSlices(await measureSlices(subjects, SLICE), 'message')
  for (const { child } of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ child }) => child.ended))
  await broker.stop()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
}
