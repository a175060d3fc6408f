/** Starts an installed load balancer in front of the demo; its access lines go to the backend. */
import { createLineSender } from '../access-log/line-sender.ts'
import { type InstalledBalancer, type InstalledBalancerOptions, type RunningBalancer, serviceOf } from './balancer.ts'
import { startHaproxy } from './haproxy.ts'
import { startNginx } from './nginx.ts'

/** @throws TracelogError when it does not become ready */
export async function startInstalled(
  balancer: InstalledBalancer,
  options: Omit<InstalledBalancerOptions, 'lines'> & { readonly endpoint: string },
): Promise<RunningBalancer> {
  const lines = createLineSender({ endpoint: options.endpoint, kind: balancer, service: serviceOf(balancer) })
  options.group.add(lines)
  return await (balancer === 'nginx' ? startNginx : startHaproxy)({ ...options, lines })
}
