/**
 * application -> agent -> gateway -> Loki and Tempo, with TLS and a token on each way and tenants at the end: who has the
 * token gets through, nobody else does.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ChannelCredentials, Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect } from 'vitest'

import { makeCertificates, type Certificates } from '../../support/certificates.ts'
import { runChild } from '../../support/child.ts'
import { hasProgram, requireThat } from '../../support/require.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'

const NEEDED = ['otelcol', 'loki', 'tempo'] as const
const missing = [
  ...NEEDED.filter((name) => findServer(name) === undefined),
  ...(hasProgram('openssl') ? [] : ['openssl']),
]
const withServers = requireThat(missing.length === 0, `needs ${missing.join(' and ')}`)

const folder = mkdtempSync(join(tmpdir(), 'tracelog-secure-'))
const TENANT = 'acme'
let certificates: Certificates
let loki: Loki
let tempo: Tempo
let gateway: Otelcol
let agent: Otelcol

beforeAll(async () => {
  if (missing.length > 0) return
  certificates = makeCertificates(folder)
  ;[loki, tempo] = await Promise.all([
    startLoki(join(folder, 'loki'), { LOKI_AUTH: 'true' }),
    startTempo(join(folder, 'tempo'), { TEMPO_AUTH: 'true' }),
  ])
  // A token that is on its way out stands beside the new one.
  gateway = await startSecured('gateway', 'of-agents\nof-agents-before', {
    TRACELOG_LOKI: loki.otlpUrl,
    TRACELOG_TEMPO: tempo.otlpUrl,
    TRACELOG_TENANT: TENANT,
  })
  agent = await startSecured('agent', 'of-applications', {
    TRACELOG_GATEWAY: gateway.httpUrl.replace('http:', 'https:'),
    TRACELOG_GATEWAY_TOKEN_FILE: tokenFile('agent-out', 'of-agents'),
    TRACELOG_GATEWAY_CA: certificates.ca,
  })
})
afterAll(async () => {
  await agent?.stop()
  await gateway?.stop()
  await Promise.all([loki?.stop(), tempo?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

function tokenFile(name: string, tokens: string): string {
  const file = join(folder, `${name}.token`)
  writeFileSync(file, `${tokens}\n`)
  return file
}

async function startSecured(role: string, tokens: string, env: Readonly<Record<string, string>>): Promise<Otelcol> {
  return await startOtelcol({
    configs: [`${role}.yaml`, `secure-${role}.yaml`],
    folder: join(folder, role),
    env: {
      TRACELOG_TOKEN_FILE: tokenFile(role, tokens),
      TRACELOG_TLS_CERT: certificates.cert,
      TRACELOG_TLS_KEY: certificates.key,
      ...env,
    },
  })
}

const doors = [
  { door: 'the agent', of: () => agent, token: 'of-applications' },
  { door: 'the gateway', of: () => gateway, token: 'of-agents' },
]

/** An empty request over TLS. @returns the status */
async function postTls(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const target = `${url.replace('http:', 'https:')}/v1/logs`
  return await new Promise((resolve, reject) => {
    const ca = readFileSync(certificates.ca)
    const call = request(target, {
      method: 'POST',
      ca,
      servername: 'localhost',
      headers: { 'content-type': 'application/json', ...headers },
    })
    call.once('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    call.once('error', reject)
    call.end('{}')
  })
}

/** An empty request. @returns the gRPC status code */
async function exportGrpc(url: string, channel: ChannelCredentials, authorization?: string): Promise<status> {
  const client = new Client(new URL(url).host, channel, { 'grpc.ssl_target_name_override': 'localhost' })
  const metadata = new Metadata()
  if (authorization !== undefined) metadata.set('authorization', authorization)
  const asIs = (bytes: Buffer): Buffer => bytes
  try {
    return await new Promise((resolve) => {
      const done = (error: ServiceError | null): void => resolve(error?.code ?? status.OK)
      const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
      client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, { deadline: Date.now() + 10_000 }, done)
    })
  } finally {
    client.close()
  }
}

function tls(): ChannelCredentials {
  return credentials.createSsl(readFileSync(certificates.ca))
}

describe.each(doors)('$door', ({ of, token }) => {
  withServers.for([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer guess' }, 401],
    ['half of the token', { authorization: `Bearer ${token.slice(0, -2)}` }, 401],
    ['the token under another scheme', { authorization: `Basic ${token}` }, 401],
    ['the token', { authorization: `Bearer ${token}` }, 200],
  ] as const)('HTTP with %s', async ([, headers, expected]) => {
    expect(await postTls(of().httpUrl, headers)).toBe(expected)
  })

  withServers.for([
    ['no token', undefined, status.UNAUTHENTICATED],
    ['a wrong token', 'Bearer guess', status.UNAUTHENTICATED],
    ['the token', `Bearer ${token}`, status.OK],
  ] as const)('gRPC with %s', async ([, authorization, expected]) => {
    expect(await exportGrpc(of().grpcUrl, tls(), authorization)).toBe(expected)
  })

  withServers('plain text is refused, even with the token', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const response = await fetch(`${of().httpUrl}/v1/logs`, { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(400)
    expect(await exportGrpc(of().grpcUrl, credentials.createInsecure(), `Bearer ${token}`)).toBe(status.UNAVAILABLE)
  })
})

withServers('while tokens are exchanged the old one is accepted beside the new one', async () => {
  expect(await postTls(gateway.httpUrl, { authorization: 'Bearer of-agents-before' })).toBe(200)
})

interface LokiAnswer {
  readonly data: { readonly result: readonly { readonly stream: Readonly<Record<string, string>> }[] }
}

function tenantHeader(tenant: string | undefined): Record<string, string> {
  return tenant === undefined ? {} : { 'x-scope-orgid': tenant }
}

async function linesOf(tenant: string | undefined): Promise<{ readonly status: number; readonly traceId?: string }> {
  const query = new URLSearchParams({ query: '{service_name="shop"} |= "greeting"' })
  const url = `${loki.url}/loki/api/v1/query_range?${query.toString()}`
  const response = await fetch(url, { headers: tenantHeader(tenant) })
  if (!response.ok) return { status: response.status }
  const [first] = ((await response.json()) as LokiAnswer).data.result
  const traceId = first?.stream['trace_id']
  return { status: response.status, ...(traceId !== undefined && { traceId }) }
}

async function traceStatusOf(tenant: string, traceId: string): Promise<number> {
  return (await fetch(`${tempo.url}/api/traces/${traceId}`, { headers: tenantHeader(tenant) })).status
}

withServers(
  'an application with the token reaches Loki and Tempo, and only the tenant of the gateway sees it',
  async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: agent.httpUrl.replace('http:', 'https:'),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-applications,x-scope-orgid=other',
      OTEL_EXPORTER_OTLP_CERTIFICATE: certificates.ca,
      OTEL_SERVICE_NAME: 'shop',
    }
    expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
    await expect.poll(() => linesOf(TENANT), { timeout: 60_000 }).toMatchObject({ traceId: expect.any(String) })
    expect(await linesOf('other')).toEqual({ status: 200 })
    expect(await linesOf(undefined)).toEqual({ status: 401 })
    const { traceId = '' } = await linesOf(TENANT)
    await expect.poll(() => traceStatusOf(TENANT, traceId), { timeout: 60_000 }).toBe(200)
    expect(await traceStatusOf('other', traceId)).toBe(404)
  },
)
