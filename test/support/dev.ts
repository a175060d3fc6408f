/** `tracelog dev` as a real process, on free ports and in a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

import type { ReadyLine } from '../../src/cli/find-backend.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const PORTS = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']

export interface RunningDev {
  readonly ready: ReadyLine
  /** `GET` of the API, as JSON. */
  api(path: string): Promise<unknown>
  /** Ends it as a person does, and waits. */
  stop(): Promise<void>
}

/** Ended with the test, if it is not before. */
export async function startDev(args: readonly string[] = []): Promise<RunningDev> {
  const data = mkdtempSync(join(tmpdir(), 'tracelog-dev-'))
  const child = spawn(process.execPath, [CLI, 'dev', '--json', '--data', data, ...PORTS, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(data, { recursive: true, force: true })
  })
  const failed = ended.then(() => Promise.reject(new Error('tracelog dev ended')))
  failed.catch(() => {})
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed])) as [string]
  const ready = JSON.parse(line) as ReadyLine
  return {
    ready,
    async api(path) {
      const answer = await fetch(`${ready.api}/api/v1/${path}`, { headers: { authorization: `Bearer ${ready.token}` } })
      return await answer.json()
    },
    async stop() {
      child.kill('SIGINT')
      await ended
    },
  }
}
