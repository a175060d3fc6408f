/**
 * The first thing a user does, from the packed tarball: one flag, on each Node that we support, in each kind of application.
 *
 * Expected of every run, as one trace:
 *   CLIENT  GET                     (the application's own fetch)
 *   └ SERVER GET /hello/:name
 *       · winston "greeting"        (same trace, same span, trace_id in the printed line)
 *       · tracelog.http.server.end  GET /hello/ada 200
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { installedProject, type Project } from '../support/package.ts'
import { startReceiver } from '../support/receiver.ts'

const BODY = `
const logger = winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Console()] })
const app = express()
app.get('/hello/:name', (req, res) => {
  logger.info('greeting', { name: req.params.name })
  res.json({ hello: req.params.name })
})
const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch('http://127.0.0.1:' + server.address().port + '/hello/ada')
  await response.json()
  server.closeAllConnections()
  server.close()
})
`
const APPLICATIONS = {
  'app.mjs': `import express from 'express'\nimport winston from 'winston'\n${BODY}`,
  'app.cjs': `const express = require('express')\nconst winston = require('winston')\n${BODY}`,
  'app.mts': `import express from 'express'\nimport winston from 'winston'\nconst kind: string = 'typescript'\n${BODY}`,
} as const
const WAYS = {
  '--import': { args: ['--import', '@org/tracelog/register'], nodeOptions: '' },
  '--require': { args: ['--require', '@org/tracelog/register'], nodeOptions: '' },
  NODE_OPTIONS: { args: [], nodeOptions: '--import @org/tracelog/register' },
} as const

let project: Project
beforeAll(() => {
  project = installedProject(['express@5', 'winston@3'])
  for (const [name, text] of Object.entries(APPLICATIONS)) writeFileSync(join(project.folder, name), text)
}, 180_000)
afterAll(() => project.remove())

const cases = NODE_VERSIONS.flatMap((version) =>
  Object.keys(APPLICATIONS).flatMap((app) => Object.keys(WAYS).map((way) => ({ version, app, way }))),
)

async function run(
  { version, app, way }: (typeof cases)[number],
  endpoint: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const { args, nodeOptions } = WAYS[way as keyof typeof WAYS]
  const strip = version.startsWith('22.') && app.endsWith('.mts') ? ['--experimental-strip-types', '--no-warnings'] : []
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(nodeBinary(version), [...args, ...strip, app], {
    cwd: project.folder,
    env: {
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      ...settings,
      ...(nodeOptions === '' ? {} : { NODE_OPTIONS: nodeOptions }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [status] = (await once(child, 'close')) as [number]
  return { status, stdout, stderr }
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  beforeAll(() => void nodeBinary(version), 180_000)

  test.each(cases.filter((one) => one.version === version))(
    '$way, $app: one trace with the line, the span and the completion record',
    async (one) => {
      const receiver = await startReceiver()
      const ended = await run(one, receiver.url)
      expect(ended).toMatchObject({ status: 0, stderr: '' })

      const printed = JSON.parse(ended.stdout) as Record<string, unknown>
      const spans = receiver.receivedSpans.map(({ span }) => span)
      const records = receiver.receivedLogs.map(({ record }) => record)
      const server = spans.find(({ kind }) => kind === SPAN_KIND.server)
      const client = spans.find(({ kind }) => kind === SPAN_KIND.client)
      const line = records.find(({ body }) => body === 'greeting')
      const end = records.find(({ eventName }) => eventName === 'tracelog.http.server.end')
      await receiver.close()

      expect(server).toMatchObject({ name: 'GET /hello/:name', traceId: client?.traceId, parentSpanId: client?.spanId })
      expect(line).toMatchObject({ traceId: server?.traceId, spanId: server?.spanId, attributes: { name: 'ada' } })
      expect(printed).toMatchObject({ message: 'greeting', trace_id: server?.traceId, span_id: server?.spanId })
      expect(end).toMatchObject({
        traceId: server?.traceId,
        attributes: { 'http.response.status_code': 200, 'url.path': '/hello/ada' },
      })
    },
  )

  test('OTEL_METRICS_EXPORTER=otlp measures requests, with nothing more installed', async () => {
    const receiver = await startReceiver()
    const one = { version, app: 'app.cjs', way: '--import' } as const
    const ended = await run(one, receiver.url, { OTEL_METRICS_EXPORTER: 'otlp' })
    await receiver.close()
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const measured = receiver.receivedMetrics.findLast(({ name }) => name === 'http.server.request.duration')
    expect(measured?.points).toMatchObject([{ attributes: { 'http.route': '/hello/:name' }, count: 1 }])
  })
})
