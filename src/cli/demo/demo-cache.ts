/**
 * The demo's cache: REDIS_URL, else a redis-server of our own, else the small cache server among the demo's programs.
 */
import { spawnSync } from 'node:child_process'

import { readText, type Env } from '../../config/env.ts'
import type { ChildGroup } from './child-group.ts'
import { freePort } from './free-port.ts'

export interface DemoCache {
  /** For the `redis` client. */
  readonly url: string
  /** What it is, for people: never with credentials. */
  readonly description: string
}

export interface CacheOptions {
  readonly group: ChildGroup
  readonly env: Env
  /** Starts one of the demo's programs with the preload; resolves with the port it listens on. */
  readonly startProgram: (name: string) => Promise<number>
}

export async function startCache({ group, env, startProgram }: CacheOptions): Promise<DemoCache> {
  const given = readText(env, 'REDIS_URL')
  if (given !== undefined) return { url: given, description: `REDIS_URL (${hostOf(given)})` }
  const version = redisServerVersion(env)
  if (version !== undefined) return await startRedisServer(group, env, version)
  const port = await startProgram('cache-server')
  return { url: `redis://127.0.0.1:${port}`, description: `built in (no redis-server installed), port ${port}` }
}

/** @returns `undefined` when it is not installed */
function redisServerVersion(env: Env): string | undefined {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { env: { ...env }, encoding: 'utf8' })
  return status === 0 ? (/v=(\S+)/.exec(stdout)?.[1] ?? 'unknown') : undefined
}

async function startRedisServer(group: ChildGroup, env: Env, version: string): Promise<DemoCache> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = group.start({ name: 'redis-server', program: 'redis-server', args, env })
  await child.firstLine((line) => (line.includes('Ready to accept connections') ? true : undefined))
  return { url: `redis://127.0.0.1:${port}`, description: `redis-server ${version}, port ${port}` }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'not a URL'
}
