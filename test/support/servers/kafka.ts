/** A real Kafka broker on loopback: one node, KRaft, topics made when first used. Needs `requireServers('kafka')`. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePorts } from './free-port.ts'
import { findServer } from './program.ts'
import { listens, runToEnd, startServer, type ServerProcess } from './server-process.ts'

export interface Kafka extends ServerProcess {
  /** host:port, for TRACELOG_KAFKA of the Collectors. */
  readonly broker: string
  /** Its ports: start another one with it, in the same folder, to stand where this one stood. */
  readonly ports: KafkaPorts
}

interface KafkaPorts {
  readonly broker: number
  readonly controller: number
}

/** @param folder  all that it keeps; a folder that a broker before has used is used again as it is */
export async function startKafka(folder: string, ports?: KafkaPorts): Promise<Kafka> {
  const jars = findServer('kafka')
  if (jars === undefined) throw new Error('kafka cannot be had here')
  const classPath = join(jars, '*')
  const [broker, controller] = ports === undefined ? await freePorts(2) : [ports.broker, ports.controller]
  const properties = join(folder, 'server.properties')
  if (!existsSync(properties)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(properties, serverProperties(folder, broker!, controller!))
    await formatStorage(classPath, properties)
  }
  const server = await startServer({
    name: 'kafka',
    program: 'java',
    args: ['-Xmx512m', '-cp', classPath, 'kafka.Kafka', properties],
    cwd: folder,
    isReady: () => listens(broker!),
  })
  return { ...server, broker: `127.0.0.1:${broker}`, ports: { broker: broker!, controller: controller! } }
}

async function formatStorage(classPath: string, properties: string): Promise<void> {
  const id = randomBytes(16).toString('base64url')
  // One word: one id of 64 begins with a dash, and would be read as an option.
  const args = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', properties]
  const { code, said } = await runToEnd('java', args)
  if (code !== 0) throw new Error(`kafka.tools.StorageTool format failed:\n${said}`)
}

function serverProperties(folder: string, broker: number, controller: number): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(folder, 'data')}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.partitions=3
# Above max_message_bytes of collector/kafka-agent.yaml: the default of 1 MiB refuses large batches for good.
message.max.bytes=20971520
`
}
