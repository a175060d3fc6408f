/** The load balancers' own checks of the files as they ship; what cannot be run here is at least YAML of the right shape. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

import { requireProgram } from '../../support/require.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { runToEnd } from '../../support/servers/server-process.ts'

const FOLDER = join(COLLECTOR_FOLDER, 'load-balancers')

requireProgram('nginx')('nginx -t', async () => {
  const prefix = mkdtempSync(join(tmpdir(), 'tracelog-nginx-'))
  onTestFinished(() => rmSync(prefix, { recursive: true, force: true }))
  const args = ['-t', '-e', 'stderr', '-p', prefix, '-c', join(FOLDER, 'nginx.conf')]
  const { code, said } = await runToEnd('nginx', args)
  expect(said).not.toMatch(/\[(?:warn|emerg|alert)\]/)
  expect(code).toBe(0)
})

requireProgram('haproxy')('haproxy -c', async () => {
  const { code, said } = await runToEnd('haproxy', ['-c', '-f', join(FOLDER, 'haproxy.cfg')])
  expect(said).not.toMatch(/\[(?:WARNING|ALERT)\]/)
  expect(code).toBe(0)
})

test('envoy.yaml and traefik.yaml: the fields of the lines that are read are among those that are written', () => {
  const traefik = parse(readFileSync(join(FOLDER, 'traefik.yaml'), 'utf8')) as {
    accessLog: { format: string; fields: { headers: { names: Record<string, string> } } }
  }
  expect(traefik.accessLog.format).toBe('json')
  const read = readFileSync(join(COLLECTOR_FOLDER, 'receivers/traefik.yaml'), 'utf8')
  const headers = [...read.matchAll(/"(?:request|downstream)_([A-Za-z-]+)"/g)].map(([, name]) => name!)
  expect(new Set(headers)).toEqual(new Set(Object.keys(traefik.accessLog.fields.headers.names)))

  const envoy = readFileSync(join(FOLDER, 'envoy.yaml'), 'utf8')
  const written = Object.keys(jsonFormatOf(parse(envoy)) ?? {})
  const fields = readFileSync(join(COLLECTOR_FOLDER, 'receivers/envoy.yaml'), 'utf8').matchAll(/\["raw"\]\["(\w+)"\]/g)
  expect(written).toEqual(expect.arrayContaining([...fields].map(([, name]) => name)))
})

/** Wherever it stands. */
function jsonFormatOf(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = (value as { json_format?: Record<string, string> }).json_format
  if (found !== undefined) return found
  for (const inner of Object.values(value)) {
    const deeper = jsonFormatOf(inner)
    if (deeper !== undefined) return deeper
  }
  return undefined
}
