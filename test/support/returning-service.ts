/**
 * A service that returns lines to its callers (test/fixtures/returning/service.mjs), as a process of its own.
 */
import { startChild, type RunningChild } from './child.ts'

export interface ReturningService {
  readonly child: RunningChild
  readonly url: string
  /** Of streams. */
  readonly base: string
}

export interface ReturningServiceOptions {
  readonly env: Readonly<Record<string, string>>
  /** What the service is told: who may see what, by what its `Authorization` is, and origins. */
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
}

/** Nothing leaves the process. */
export const NOWHERE: Readonly<Record<string, string>> = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }

export async function startReturningService(options: ReturningServiceOptions): Promise<ReturningService> {
  const { env, args = [], nodeArgs = [] } = options
  const all = { OTEL_SERVICE_NAME: 'shop', TRACELOG_RECORDER_LINGER_MS: '50', ...env }
  const child = startChild('returning/service.mjs', { env: all, args, nodeArgs })
  await child.prints('PORT ')
  const url = `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}`
  return { child, url, base: `${url}/.tracelog/v1` }
}

export async function stopService({ child }: Pick<ReturningService, 'child'>): Promise<void> {
  child.kill('SIGTERM')
  await child.ended
}
