/** nginx and HAProxy as two more load balancers before the shop: each with one upstream of two away, and with both away. */
import { join } from 'node:path'

import { hasProgram } from '../../support/require.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startHaproxy } from '../../support/servers/haproxy.ts'
import { startNginx } from '../../support/servers/nginx.ts'

/** Whether both are installed. */
export const hasProxies: boolean = hasProgram('nginx') && hasProgram('haproxy')

/** For a Collector that reads their lines, and makes nginx' spans. */
export const PROXY_CONFIGS: readonly string[] = hasProxies
  ? ['receivers/nginx.yaml', 'receivers/nginx-spans.yaml', 'receivers/haproxy.yaml']
  : []

export interface Proxies {
  /** Environment of that Collector. */
  readonly env: Readonly<Record<string, string>>
  /** Sends requests through all four. */
  play(upstreams: Upstreams): Promise<void>
}

/** `host:port` of one that answers, and of one that is away. */
export interface Upstreams {
  readonly alive: string
  readonly nobody: string
}

export async function prepareProxies(folder: string): Promise<Proxies> {
  const syslog = `127.0.0.1:${await freePort()}`
  return {
    env: {
      TRACELOG_NGINX_LOG: join(folder, '*/tracelog.json'),
      TRACELOG_NGINX_SPANS: join(folder, '*/tracelog-spans.json'),
      TRACELOG_HAPROXY_LISTEN: syslog,
      TRACELOG_BATCHED: `127.0.0.1:${await freePort()}`,
    },
    async play({ alive, nobody }) {
      if (!hasProxies) return
      const servers = await Promise.all([
        startNginx({ folder: join(folder, 'nginx'), upstreams: [nobody, alive] }),
        startNginx({ folder: join(folder, 'nginx-alone'), upstreams: [nobody, nobody] }),
        startHaproxy({ upstreams: [nobody, alive], syslog }),
        startHaproxy({ upstreams: [nobody, nobody], syslog }),
      ])
      await Promise.all(servers.map(({ url }) => askForProducts(url)))
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

async function askForProducts(url: string): Promise<void> {
  for (let id = 1; id <= 12; id++) await (await fetch(`${url}/api/products/${id}`)).text()
}
