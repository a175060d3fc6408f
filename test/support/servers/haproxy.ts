/** A real HAProxy on loopback with collector/load-balancers/haproxy.cfg, its lines sent to a Collector's syslog receiver. */
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { COLLECTOR_FOLDER } from './otelcol.ts'
import { listens, startServer, type ServerProcess } from './server-process.ts'

export interface HaproxyOptions {
  /** `host:port` of the two servers behind it. */
  readonly upstreams: readonly [string, string]
  /** `host:port` that lines are sent to. */
  readonly syslog: string
  /** Networks whose `traceparent` is adopted. Default: all. */
  readonly trusted?: string
}

export interface Haproxy extends ServerProcess {
  readonly url: string
}

export async function startHaproxy({ upstreams, syslog, trusted }: HaproxyOptions): Promise<Haproxy> {
  const port = await freePort()
  const server = await startServer({
    name: 'haproxy',
    program: 'haproxy',
    args: ['-db', '-f', join(COLLECTOR_FOLDER, 'load-balancers/haproxy.cfg')],
    env: {
      TRACELOG_LB_LISTEN: `127.0.0.1:${port}`,
      TRACELOG_LB_UPSTREAM_A: upstreams[0],
      TRACELOG_LB_UPSTREAM_B: upstreams[1],
      TRACELOG_LB_SYSLOG: syslog,
      ...(trusted === undefined ? {} : { TRACELOG_LB_TRUSTED: trusted }),
    },
    isReady: () => listens(port),
  })
  return { ...server, url: `http://127.0.0.1:${port}` }
}
