/** What frameworks tell stops with `disable` and comes back with `enable`, while their servers go on. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { afterAll, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { libraryProgram } from '../../support/libraries.ts'

interface Fastify {
  get(path: string, handler: () => Promise<string>): void
  ready(): Promise<void>
  readonly server: Server
}
interface Koa {
  use(middleware: unknown): void
  on(event: string, listener: (error: Error) => void): void
  callback(): (request: unknown, response: unknown) => void
}
interface Hapi {
  route(route: object): void
  initialize(): Promise<void>
  readonly listener: Server
}

const load = createRequire(libraryProgram('routes/frameworks.cjs', 'newest'))
const FRAMEWORKS = new Set(['fastify', 'koa', 'hapi'])

const kit = createHopKit()
const all = createHopInstrumentations(kit.options)
const http = all.filter(({ name }) => name === 'http')
const frameworks = all.filter(({ name }) => FRAMEWORKS.has(name))
afterAll(() => {
  for (const one of [...http, ...frameworks]) one.disable()
})

const fails = async () => {
  throw new Error('the handler failed')
}

const BUILDS: Readonly<Record<string, () => Server | Promise<Server>>> = {
  async fastify() {
    const app = (load('fastify') as () => Fastify)()
    app.get('/fails', fails)
    await app.ready()
    return app.server
  },
  koa() {
    const Application = load('koa') as new () => Koa
    const Router = load('@koa/router') as new () => { get(path: string, handler: unknown): void; routes(): unknown }
    const routes = new Router()
    routes.get('/fails', fails)
    const app = new Application()
    app.on('error', () => {})
    app.use(routes.routes())
    return createServer(app.callback())
  },
  async hapi() {
    const server = (load('@hapi/hapi') as { server(options: object): Hapi }).server({ debug: false })
    server.route({ method: 'GET', path: '/fails', handler: fails })
    await server.initialize()
    return server.listener
  },
}

/** @returns name and exceptions of the SERVER span of one request */
async function hopOf(server: Server) {
  const before = kit.spans.length
  const [response] = (await once(
    get({ port: (server.address() as AddressInfo).port, path: '/fails', agent: false }),
    'response',
  )) as [IncomingMessage]
  response.resume()
  await kit.spansReach(before + 2)
  const span = kit.spans.slice(before).find(({ kind }) => kind === SPAN_KIND.server)
  return { name: span?.name, exceptions: span?.events.length, status: response.statusCode }
}

test.each(Object.keys(BUILDS))('%s', async (name) => {
  const watched = frameworks.filter((one) => one.name === name)
  for (const one of [...http, ...watched]) one.enable()
  const server = (await BUILDS[name]?.()) as Server
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const told = { name: 'GET /fails', exceptions: 1, status: 500 }
  expect(watched.map((one) => one.status())).toEqual(['active'])
  expect(await hopOf(server)).toEqual(told)

  for (const one of watched) one.disable()
  expect(await hopOf(server)).toEqual({ name: 'GET', exceptions: 0, status: 500 })

  for (const one of watched) one.enable()
  // Of koa: applications that ask for a listener from now on.
  expect(await hopOf(server)).toEqual(name === 'koa' ? { ...told, exceptions: 0 } : told)
  server.close()
  server.closeAllConnections()
})
