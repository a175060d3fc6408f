/**
 * A whole backend on free ports in a temporary directory, over the store in memory.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { type RunningBackend, startBackendWith } from '../../../src/backend/backend.ts'
import type { BackendConfig } from '../../../src/config/backend-config.ts'
import { type MemoryStages, memoryStages } from './memory-store.ts'

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tracelog-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export function testConfig(dataDirectory: string, config: Partial<BackendConfig> = {}): BackendConfig {
  return {
    dataDirectory,
    host: '127.0.0.1',
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    apiPort: 0,
    token: undefined,
    fsync: 'each',
    allowedHosts: [],
    rebuild: false,
    ...config,
  }
}

export interface TestBackend extends RunningBackend {
  readonly stages: MemoryStages
}

export async function startTestBackend(config: Partial<BackendConfig> = {}): Promise<TestBackend> {
  const stages = memoryStages()
  const directory = config.dataDirectory ?? temporaryDirectory()
  const backend = await startBackendWith(() => stages, testConfig(directory, config))
  onTestFinished(() => backend.stop())
  return { ...backend, stages }
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface SendOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** One request with exactly these headers: fetch would not send a Host or an Origin of ours. */
export function send(url: string, { method = 'GET', headers = {}, body }: SendOptions = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}
