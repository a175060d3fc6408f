/**
 * Frameworks that many applications still run, as npm gives them: express 4 (its routes), http-proxy 1 and
 * http-proxy-middleware 3 and 4 (recognised as load balancers).
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { runChild } from '../support/child.ts'
import { installedProject, type Project } from '../support/package.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

/** Asks for each path given, of the application behind the proxy that is named before it; an empty name is none. */
const APPLICATION = `
const { createServer } = require('node:http')
const { once } = require('node:events')
const express = require('express')
const shop = express.Router({ mergeParams: true })
shop.get('/items/:item', (req, res) => res.json(req.params))
shop.post('/items', express.json(), (req, res) => res.status(201).json(req.body))
const app = express()
app.get('/hello/:name', (req, res) => res.send(req.params.name))
app.use('/shops/:shop', shop)
app.get('/fails', () => { throw new Error('no') })
app.use((error, req, res, next) => res.status(500).end())

async function listen(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const origin = (server) => 'http://127.0.0.1:' + server.address().port
const FRONTS = {
  'http-proxy': (target) => {
    const proxy = require('http-proxy').createProxyServer({})
    return (req, res) => proxy.web(req, res, { target })
  },
  'http-proxy-middleware 3': (target) => express().use(require('middleware3').createProxyMiddleware({ target })),
  'http-proxy-middleware 4': async (target) => {
    const { createProxyMiddleware } = await import('middleware4')
    return express().use(createProxyMiddleware({ target }))
  },
}
async function main(front, method, path) {
  const upstream = await listen(app)
  const servers = [upstream]
  if (front !== '') servers.push(await listen(await FRONTS[front](origin(upstream))))
  const body = method === 'POST' ? { body: '{"a":1}', headers: { 'content-type': 'application/json' } } : {}
  const response = await fetch(origin(servers.at(-1)) + path, { method, ...body })
  console.log(JSON.stringify({ status: response.status, text: await response.text(), upstream: upstream.address().port }))
  for (const server of servers) { server.close(); server.closeAllConnections() }
}
main(...process.argv.slice(2))
`

let project: Project
let receiver: Receiver
beforeAll(async () => {
  project = installedProject([
    'express@4',
    'http-proxy@1',
    'middleware3@npm:http-proxy-middleware@3',
    'middleware4@npm:http-proxy-middleware@4',
  ])
  writeFileSync(join(project.folder, 'app.cjs'), APPLICATION)
}, 180_000)
afterAll(() => project.remove())

/** Runs the application for one request. @returns what the client saw, and what was sent */
async function ask(front: string, method: string, path: string) {
  receiver = await startReceiver()
  const ended = await runChild(join(project.folder, 'app.cjs'), {
    preload: 'none',
    nodeArgs: ['--no-deprecation', '--import', '@org/tracelog/register'],
    args: [front, method, path],
    cwd: project.folder,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  await receiver.close()
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return {
    answer: JSON.parse(ended.stdout) as { status: number; text: string; upstream: number },
    served: receiver.receivedSpans.filter(({ span }) => span.kind === SPAN_KIND.server).map(({ span }) => span.name),
    ends: receiver.receivedLogs.map(({ record }) => record).filter(({ eventName }) => eventName.endsWith('.end')),
  }
}

describe('express 4', () => {
  test.each([
    { method: 'GET', path: '/hello/ada', route: '/hello/:name', status: 200 },
    { method: 'GET', path: '/shops/7/items/9', route: '/shops/:shop/items/:item', status: 200 },
    { method: 'POST', path: '/shops/7/items', route: '/shops/:shop/items', status: 201 },
    { method: 'GET', path: '/fails', route: '/fails', status: 500 },
  ])('$method $path is $route', async ({ method, path, route, status }) => {
    const { answer, served, ends } = await ask('', method, path)
    expect(answer.status).toBe(status)
    expect(served).toEqual([`${method} ${route}`])
    expect(ends).toHaveLength(1)
    expect(ends[0]?.attributes).toMatchObject({ 'http.route': route, 'http.response.status_code': status })
  })
})

describe.each(['http-proxy', 'http-proxy-middleware 3', 'http-proxy-middleware 4'])('%s', (front) => {
  test.each([
    { method: 'GET', path: '/hello/ada', status: 200, text: 'ada' },
    { method: 'POST', path: '/shops/7/items', status: 201, text: '{"a":1}' },
  ])('$method is recognised as balanced, in the same trace', async ({ method, path, status, text }) => {
    const { answer, ends } = await ask(front, method, path)
    expect(answer).toMatchObject({ status, text })
    const balanced = ends.filter(({ eventName }) => eventName === 'tracelog.lb.end')
    const handled = ends.filter(({ eventName }) => eventName === 'tracelog.http.server.end')
    expect(balanced).toHaveLength(1)
    expect(handled).toHaveLength(1)
    expect(balanced[0]).toMatchObject({
      traceId: handled[0]?.traceId,
      attributes: {
        'tracelog.component': 'load_balancer',
        'tracelog.upstream': `127.0.0.1:${answer.upstream}`,
        'http.response.status_code': status,
      },
    })
  })
})
