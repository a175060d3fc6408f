/** Frameworks over HTTP/2 are named by their routes too. */
import { once } from 'node:events'
import { connect, createServer, type Http2Server } from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { afterAll, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { libraryProgram } from '../../support/libraries.ts'

type Listener = (request: unknown, response: unknown) => void

const load = createRequire(libraryProgram('routes/frameworks.cjs', 'newest'))
const kit = createHopKit()
const hooks = createHopInstrumentations(kit.options).filter(({ name }) =>
  ['http', 'fastify', 'koa', 'hapi'].includes(name),
)
for (const hook of hooks) hook.enable()
afterAll(() => {
  for (const hook of hooks) hook.disable()
})

const BUILDS: Readonly<Record<string, () => Http2Server | Promise<Http2Server>>> = {
  async fastify() {
    type Fastify = { get(path: string, handler: unknown): void; ready(): Promise<void>; readonly server: Http2Server }
    const app = (load('fastify') as (options: object) => Fastify)({ http2: true })
    app.get('/users/:id', async () => 'a user')
    await app.ready()
    return app.server
  },
  koa() {
    const app = new (load('koa') as new () => { use(one: unknown): void; callback(): Listener })()
    const Router = load('@koa/router') as new () => { get(path: string, handler: unknown): void; routes(): unknown }
    const routes = new Router()
    routes.get('/users/:id', (ctx: { body: string }) => {
      ctx.body = 'a user'
    })
    app.use(routes.routes())
    return createServer(app.callback())
  },
  async hapi() {
    const listener = createServer()
    const hapi = load('@hapi/hapi') as {
      server(options: object): { route(route: object): void; initialize(): Promise<void> }
    }
    const server = hapi.server({ listener, autoListen: false })
    server.route({ method: 'GET', path: '/users/{id}', handler: () => 'a user' })
    await server.initialize()
    return listener
  },
}

test.each([
  { framework: 'fastify', name: 'GET /users/:id' },
  { framework: 'koa', name: 'GET /users/:id' },
  { framework: 'hapi', name: 'GET /users/{id}' },
])('$framework: $name', async ({ framework, name }) => {
  const before = kit.spans.length
  const server = (await BUILDS[framework]?.()) as Http2Server
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(client.request({ ':path': '/users/7' }).resume(), 'close')
  await kit.spansReach(before + 1)
  expect(kit.spans.slice(before).map((span) => [span.kind, span.name])).toContainEqual([SPAN_KIND.server, name])
  client.close()
  server.close()
})
