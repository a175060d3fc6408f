/**
 * Which load balancer may the demo have? Its own small one in Node, or an installed nginx or HAProxy with the configuration that
 * ships in collector/load-balancers.
 */
import { spawnSync } from 'node:child_process'

import type { Env } from '../../config/env.ts'
import { TracelogError } from '../../diag/errors.ts'
import type { ChildGroup } from './child-group.ts'

export const BALANCERS = ['http-proxy-3', 'nginx', 'haproxy'] as const
export type BalancerName = (typeof BALANCERS)[number]
/** Those that are programs of their own. */
export type InstalledBalancer = Exclude<BalancerName, 'http-proxy-3'>

export interface InstalledBalancerOptions {
  readonly group: ChildGroup
  readonly env: Env
  /** Empty; for configuration, logs and temporary files. */
  readonly folder: string
  /** `host:port` of the two servers behind it. */
  readonly upstreams: readonly [string, string]
  /** OTLP/HTTP of the backend, which takes its access lines. */
  readonly endpoint: string
}

export interface RunningBalancer {
  readonly port: number
}

/** What it is called in logs and traces. */
export function serviceOf(balancer: BalancerName): string {
  return balancer === 'http-proxy-3' ? 'load-balancer' : balancer
}

/** @returns its version. @throws TRACELOG_USAGE with the command that installs it */
export function requireInstalled(balancer: InstalledBalancer, env: Env): string {
  const { stdout, stderr, error, status } = spawnSync(balancer, ['-v'], { env: { ...env }, encoding: 'utf8' })
  const version = /\d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0]
  if (error === undefined && status === 0 && version !== undefined) return version
  throw new TracelogError(`--lb is "${balancer}", but must be an installed program: ${balancer} is not in the PATH`, {
    code: 'TRACELOG_USAGE',
    hint: `Install it (Debian, Ubuntu: sudo apt-get install -y ${balancer}), or leave --lb out.`,
  })
}
