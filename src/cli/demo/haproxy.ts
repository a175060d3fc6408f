/**
 * An installed HAProxy in front of the demo, with collector/load-balancers/haproxy.cfg as it ships: all that is the user's is a
 * variable of its environment. Its lines come over syslog, as they would to a Collector.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { createLineSender } from '../access-log/line-sender.ts'
import { startSyslogReceiver } from '../access-log/syslog-receiver.ts'
import { packageRoot } from '../package-info.ts'
import type { InstalledBalancerOptions, RunningBalancer } from './balancer.ts'
import { freePort } from './free-port.ts'
import { becomesReady } from './ready.ts'

export async function startHaproxy({
  group,
  env,
  folder,
  upstreams,
  endpoint,
}: InstalledBalancerOptions): Promise<RunningBalancer> {
  const port = await freePort()
  mkdirSync(folder)
  const lines = createLineSender({ endpoint, kind: 'haproxy', service: 'haproxy' })
  group.add(lines)
  const syslog = await startSyslogReceiver({
    port: 0,
    onMessage: (message) => lines.send(message),
    // It is ours: it sends what its configuration says.
    onTooLong: () => {},
    onForeign: () => {},
  })
  group.add(syslog)
  let isConnected = false
  void syslog.connected.then(() => (isConnected = true))
  const child = group.start({
    name: 'haproxy',
    program: 'haproxy',
    args: ['-db', '-f', join(packageRoot(), 'collector', 'load-balancers', 'haproxy.cfg')],
    cwd: folder,
    env: {
      ...env,
      TRACELOG_LB_LISTEN: `127.0.0.1:${port}`,
      TRACELOG_LB_UPSTREAM_A: upstreams[0],
      TRACELOG_LB_UPSTREAM_B: upstreams[1],
      TRACELOG_LB_SYSLOG: syslog.address,
    },
  })
  // It listens before it connects; a connection to its own port would be a line in its log.
  await becomesReady(child, () => isConnected)
  return { port }
}
