/**
 * The demo's shop with everything that a dashboard can show: hits and misses, retries, a load balancer without any
 * upstream, a cache that is away, a client that leaves, a failed cart, a process that crashes, an order whose goals fail.
 *
 * One of its services has no environment: what is chosen as "All" must show it too.
 */
import { runChild, startChild, type RunningChild } from '../../support/child.ts'
import { freePort } from '../../support/servers/free-port.ts'
import type { Proxies, Upstreams } from './proxies.ts'

const DEMO = new URL('../../../dist/demo', import.meta.url).pathname

/**
 * Plays everything, and returns when each process has ended and so sent what it had.
 *
 * @param otlpUrl  of a Collector
 * @param proxies  load balancers that are not in Node
 */
export async function playShop(otlpUrl: string, proxies: Pick<Proxies, 'play'>): Promise<Upstreams> {
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl }
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,deployment.environment.name=test' }
  const running: RunningChild[] = []
  const start = async (program: string, service: string, env: Record<string, string> = {}): Promise<string> => {
    const child = startChild(program, {
      env: { ...base, ...attributes, OTEL_SERVICE_NAME: service, PORT: '0', ...env },
    })
    running.push(child)
    return portOf(child)
  }
  const nobody = await freePort()
  const cache = await start(`${DEMO}/cache-server.js`, 'cache-server')
  const api = await start(`${DEMO}/api-server.js`, 'api-server', { REDIS_URL: `redis://127.0.0.1:${cache}` })
  const upstreams = { alive: `127.0.0.1:${api}`, nobody: `127.0.0.1:${nobody}` }
  const loadBalancer = `${DEMO}/load-balancer.js`
  const [balanced, alone, users, goals] = await Promise.all([
    start(loadBalancer, 'load-balancer', { UPSTREAMS: `${upstreams.alive},${upstreams.nobody}` }),
    start(loadBalancer, 'load-balancer', { UPSTREAMS: upstreams.nobody }),
    start('hops/api-server.mjs', 'users', { REDIS_URL: `redis://127.0.0.1:${nobody}`, CACHE_CLIENT: 'ioredis' }),
    start('tasks/goals.cjs', 'goals', { TRACELOG_RECORDER: 'on' }),
  ])
  await Promise.all([
    // Without an environment. 240 requests: six failed carts and more than one of everything else.
    runChild(`${DEMO}/traffic.js`, {
      env: { ...base, OTEL_SERVICE_NAME: 'customers' },
      args: [`http://127.0.0.1:${balanced}`, '240'],
    }),
    askRepeatedly(`http://127.0.0.1:${alone}/api/products/1`, 12),
    ...Array.from({ length: 6 }, () => askRepeatedly(`http://127.0.0.1:${users}/tenants/a/users/1`, 1)),
    askRepeatedly(`http://127.0.0.1:${goals}/`, 1),
    proxies.play(upstreams),
    leaveEarly(`http://127.0.0.1:${balanced}/api/reports/2026-11`),
    runChild('ends/end.mjs', { env: { ...base, ...attributes, OTEL_SERVICE_NAME: 'crasher' }, args: ['throw'] }),
  ])
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(running.map((child) => child.ended))
  return upstreams
}

async function portOf(child: RunningChild): Promise<string> {
  const pattern = /"port":(\d+)|^port (\d+) /m
  await Promise.race([child.prints('"port":'), child.prints('port ')])
  const found = pattern.exec(child.stdout())
  if (found === null) throw new Error(`no port in ${child.stdout()}`)
  return found[1] ?? found[2]!
}

async function askRepeatedly(url: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await (await fetch(url)).text()
}

/** A report takes 350 ms. */
async function leaveEarly(url: string): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await fetch(url, { signal: AbortSignal.timeout(100) }).catch((error: Error) => {
      if (error.name !== 'TimeoutError') throw error
    })
  }
}
