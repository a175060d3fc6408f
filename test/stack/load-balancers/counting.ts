/**
 * Requests through a load balancer, and their lines at the end of the way: agent -> gateway -> file. For counting what is lost.
 *
 * The agent is the Collector that is ended and started again; the gateway stays, so that what it has is what arrived.
 */
import { Agent, createServer, request, type Server } from 'node:http'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { freePort } from '../../support/servers/free-port.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'

const CONNECTIONS = 8
const OUT = join(import.meta.dirname, 'aggregate.yaml')

export interface Way {
  readonly nginxLog: string
  /** `host:port` of the agent's syslog receiver. */
  readonly syslog: string
  /** Where the one before stood, which is ended if it is not. */
  startAgent(): Promise<Otelcol>
  /** Bytes that have arrived: cheap to ask. */
  arrivedBytes(): number
  /** How often each path has arrived, in a record. */
  arrived(): ReadonlyMap<string, number>
  /** The same of nginx's spans. */
  arrivedSpans(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** @param folder  of everything; nginx runs in `nginx` below it */
export async function layWay(folder: string): Promise<Way> {
  const tracesFile = join(folder, 'traces.jsonl')
  const gateway = await startOtelcol({
    configs: ['standalone.yaml', OUT],
    folder: join(folder, 'gateway'),
    env: { TRACELOG_TRACES: tracesFile },
  })
  const nginxLog = join(folder, 'nginx/tracelog.json')
  const syslog = `127.0.0.1:${await freePort()}`
  let env: Readonly<Record<string, string>> = {
    TRACELOG_GATEWAY: gateway.httpUrl,
    TRACELOG_NGINX_LOG: nginxLog,
    TRACELOG_NGINX_SPANS: join(folder, 'nginx/tracelog-spans.json'),
    TRACELOG_HAPROXY_LISTEN: syslog,
    TRACELOG_BATCHED: `127.0.0.1:${await freePort()}`,
  }
  let agent: Otelcol | undefined
  return {
    nginxLog,
    syslog,
    async startAgent() {
      await agent?.stop()
      const configs = ['agent.yaml', ...['nginx', 'nginx-spans', 'haproxy'].map((name) => `receivers/${name}.yaml`)]
      agent = await startOtelcol({ configs, folder: join(folder, 'agent'), env })
      env = agent.env
      return agent
    },
    arrivedBytes: () => statSync(gateway.aggregateFile, { throwIfNoEntry: false })?.size ?? 0,
    arrived: createPathCounter(gateway.aggregateFile),
    arrivedSpans: createPathCounter(tracesFile),
    async stop() {
      await agent?.stop()
      await gateway.stop()
    },
  }
}

/** Reads on where it stopped: it is asked again and again of a file that grows. */
function createPathCounter(file: string): Way['arrived'] {
  const counts = new Map<string, number>()
  let position = 0
  return () => {
    if (!existsSync(file)) return counts
    const handle = openSync(file, 'r')
    const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - position))
    readSync(handle, bytes, 0, bytes.length, position)
    closeSync(handle)
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
    position += whole.length
    for (const [, path] of whole.toString().matchAll(/"key":"url.path","value":\{"stringValue":"([^"]*)"/g)) {
      counts.set(path!, (counts.get(path!) ?? 0) + 1)
    }
    return counts
  }
}

/** A server behind the balancer that has nothing to do. */
export async function startUpstream(): Promise<{ readonly address: string; readonly server: Server }> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/**
 * Sends `count` requests, eight at a time, each with a path of its own.
 *
 * @param at  called before the request of that number is sent; the other connections go on until it is done
 * @returns the paths that were answered
 */
export function sendMany(
  url: string,
  count: number,
  name: string,
  at: Readonly<Record<number, () => unknown>> = {},
): Promise<readonly string[]> {
  return sendWhile(url, name, async (n) => {
    if (n < count) await at[n]?.()
    return n < count
  })
}

/** @param isMore  asked before each request, with its number */
export async function sendWhile(
  url: string,
  name: string,
  isMore: (n: number) => boolean | Promise<boolean>,
): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const answered: string[] = []
  let next = 0
  const sendOn = async (): Promise<void> => {
    for (let n = next++; await isMore(n); n = next++) {
      const path = `/${name}/${n}`
      if (await isAnswered(url + path, agent)) answered.push(path)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sendOn))
  agent.destroy()
  return answered
}

function isAnswered(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(true))
      response.on('error', () => resolve(false))
    })
    call.on('error', () => resolve(false)).end()
  })
}

/** How many of them never arrived, and how many came more than once. */
export function tally(
  sent: readonly string[],
  arrived: ReadonlyMap<string, number>,
): { lost: number; repeated: number } {
  return {
    lost: sent.filter((path) => !arrived.has(path)).length,
    repeated: sent.filter((path) => (arrived.get(path) ?? 0) > 1).length,
  }
}
