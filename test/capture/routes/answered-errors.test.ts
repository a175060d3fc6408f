/** With which error a request was answered: whoever answers for it, the framework or the application, and however it failed. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { afterAll, describe, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { libraryProgram, type LibrarySet } from '../../support/libraries.ts'

interface Reply {
  code(status: number): Reply
  send(answer: unknown): Reply
}
interface Fastify {
  get(path: string, handler: (request: unknown, reply: Reply) => unknown): void
  setErrorHandler(handler: (error: Error, request: unknown, reply: Reply) => void): void
  ready(): Promise<void>
  readonly server: Server
}
type Next = (error?: unknown) => void
type Handler = (
  request: unknown,
  response: { status(code: number): { send(text: string): void } },
  next: Next,
) => unknown
type ErrorHandler = (error: Error, ...rest: Parameters<Handler>) => unknown
interface Express {
  (request: unknown, response: unknown): void
  get(path: string, handler: Handler, answer?: ErrorHandler): void
  use(...handlers: unknown[]): void
  set(name: string, value: string): void
}
type Decorator = (...args: unknown[]) => (...args: unknown[]) => void
interface Nest {
  readonly Controller: Decorator
  readonly Get: Decorator
  readonly Module: Decorator
  readonly Catch: Decorator
  readonly InternalServerErrorException: new (message: string) => Error
}
interface NestApplication {
  useGlobalFilters(filter: object): void
  init(): Promise<void>
  getHttpServer(): Server
}

const kit = createHopKit()
const hooks = createHopInstrumentations(kit.options).filter(({ name }) =>
  ['http', 'express', 'fastify', 'hono', 'nestjs-core'].includes(name),
)
for (const hook of hooks) hook.enable()
afterAll(() => {
  for (const hook of hooks) hook.disable()
})

const loaderOf = (set: LibrarySet) => createRequire(libraryProgram('routes/frameworks.cjs', set))

/** @returns status and the exceptions of the SERVER span of one request; of the record the message */
async function hopOf(server: Server, path: string) {
  const [spans, records] = [kit.spans.length, kit.records.length]
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const [response] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage]
  response.resume()
  await kit.spansReach(spans + 2)
  const span = kit.spans.slice(spans).find(({ kind }) => kind === SPAN_KIND.server)
  return {
    status: response.statusCode,
    exceptions: span?.events.map(({ attributes }) => attributes['exception.message']),
    told: kit.records.slice(records).map(({ attributes }) => attributes['exception.message']),
  }
}

const failed = (message: string | undefined, status = 500) => ({
  status,
  exceptions: message === undefined ? [] : [message],
  told: [message],
})

describe('fastify', () => {
  async function serverOf(set: LibrarySet, isAnswered: boolean): Promise<Server> {
    const app = (loaderOf(set)('fastify') as () => Fastify)()
    app.get('/rejects', async () => {
      throw new Error('rejected')
    })
    app.get('/throws', () => {
      throw new Error('thrown')
    })
    app.get('/sends', (_request, reply) => reply.send(new Error('sent')))
    if (isAnswered) app.setErrorHandler((_error, _request, reply) => void reply.code(503).send('sorry'))
    await app.ready()
    return app.server
  }

  test.each([
    { set: 'newest' as const, isAnswered: false, expected: ['rejected', 'thrown', 'sent'] },
    // What is thrown at once nobody is shown but the application's own handler.
    { set: 'newest' as const, isAnswered: true, expected: ['rejected', undefined, undefined] },
    { set: 'oldest' as const, isAnswered: false, expected: ['rejected', undefined, undefined] },
    { set: 'oldest' as const, isAnswered: true, expected: ['rejected', undefined, undefined] },
  ])('$set, an error handler of the application: $isAnswered', async ({ set, isAnswered, expected }) => {
    const server = await serverOf(set, isAnswered)
    for (const [at, path] of ['/rejects', '/throws', '/sends'].entries()) {
      expect(await hopOf(server, path)).toEqual(failed(expected[at], isAnswered ? 503 : 500))
    }
    server.close()
  })
})

describe('hono', () => {
  interface Hono {
    get(path: string, handler: () => never): void
    onError(handler: (error: HttpException) => Response): void
    readonly fetch: unknown
  }
  type HttpException = Error & { getResponse(): Response }

  test.each([
    { isAnswered: false, path: '/unavailable', expected: failed('no stock', 503) },
    { isAnswered: true, path: '/unavailable', expected: failed('no stock', 503) },
    { isAnswered: false, path: '/denied', expected: { status: 401, exceptions: [], told: [undefined] } },
  ])('an HTTPException, an error handler of the application: $isAnswered, $path', async (row) => {
    const load = loaderOf('newest')
    const { HTTPException } = load('hono/http-exception') as {
      readonly HTTPException: new (status: number, options: object) => HttpException
    }
    const { Hono } = load('hono') as { readonly Hono: new () => Hono }
    const { getRequestListener } = load('@hono/node-server') as {
      readonly getRequestListener: (fetch: unknown) => () => void
    }
    const app = new Hono()
    app.get('/unavailable', () => {
      throw new HTTPException(503, { message: 'no stock' })
    })
    app.get('/denied', () => {
      throw new HTTPException(401, { message: 'who?' })
    })
    if (row.isAnswered) app.onError((error) => error.getResponse())
    const server = createServer(getRequestListener(app.fetch))
    expect(await hopOf(server, row.path)).toEqual(row.expected)
    server.close()
  })
})

describe('express', () => {
  const stacks: string[] = []
  const answer: ErrorHandler = (_error, _request, response, _next) => {
    stacks.push(new Error('here').stack ?? '')
    response.status(503).send('sorry')
  }

  function serverOf(set: LibrarySet, isAnswered: boolean): Server {
    const express = loaderOf(set)('express') as { (): Express; Router(): Express }
    const app = express()
    const users = express.Router()
    app.use('/users', users)
    for (const each of [app, users]) {
      each.get('/rejects', async () => await Promise.reject(new Error('rejected')))
      each.get('/throws', () => {
        throw new Error('thrown')
      })
      each.get('/hands', (_request, _response, next) => setImmediate(() => next(new Error('handed on'))))
      each.get('/leaves', (_request, _response, next) => next('route'))
    }
    app.get('/own', (_request, _response, next) => next(new Error('own')), answer)
    app.use('/middleware', () => {
      throw new Error('of a middleware')
    })
    if (isAnswered) app.use(answer)
    // It prints none that it answers itself.
    app.set('env', 'test')
    return createServer(app)
  }

  test.each([
    { set: 'newest' as const, path: '/rejects', told: 'rejected' },
    { set: 'newest' as const, path: '/users/throws', told: 'thrown' },
    { set: 'newest' as const, path: '/hands', told: 'handed on' },
    { set: 'newest' as const, path: '/middleware', told: 'of a middleware' },
    { set: 'oldest' as const, path: '/throws', told: 'thrown' },
    { set: 'oldest' as const, path: '/users/hands', told: 'handed on' },
    { set: 'oldest' as const, path: '/middleware', told: 'of a middleware' },
  ])('$set: $path, answered by the application', async ({ set, path, told }) => {
    const server = serverOf(set, true)
    expect(await hopOf(server, path)).toEqual(failed(told, 503))
    server.close()
  })

  test.each(['newest', 'oldest'] as const)('%s: an error handler of the route', async (set) => {
    const server = serverOf(set, false)
    expect(await hopOf(server, '/own')).toEqual(failed('own', 503))
    server.close()
  })

  test.each([
    { set: 'newest' as const, path: '/rejects', told: 'rejected' },
    { set: 'newest' as const, path: '/middleware', told: 'of a middleware' },
    { set: 'oldest' as const, path: '/users/throws', told: 'thrown' },
    // Between its routers and its own answer express 4 gives it to nobody.
    { set: 'oldest' as const, path: '/middleware', told: undefined },
  ])('$set: $path, answered by express', async ({ set, path, told }) => {
    const server = serverOf(set, false)
    expect(await hopOf(server, path)).toEqual(failed(told))
    server.close()
  })

  test.each(['newest', 'oldest'] as const)('%s: a route that is left is no error', async (set) => {
    const server = serverOf(set, true)
    expect(await hopOf(server, '/leaves')).toEqual({ status: 404, exceptions: [], told: [undefined] })
    server.close()
  })

  test('an error handler has frames of express alone below it, at their own places', () => {
    expect(stacks.length).toBeGreaterThan(0)
    for (const stack of stacks) {
      const [, own, ...below] = stack.split('\n').map((line) => line.trim())
      expect(own).toContain('answered-errors.test.ts')
      expect(below.filter((line) => !/node_modules\/(?:express|router)\/|\(node:|answered-errors/.test(line))).toEqual(
        [],
      )
    }
  })
})

describe.each(['oldest', 'between'] as const)('Nest, %s', (set) => {
  const load = loaderOf(set)
  load('reflect-metadata')
  const { Controller, Get, Module, Catch, InternalServerErrorException } = load('@nestjs/common') as Nest
  const { NestFactory } = load('@nestjs/core') as {
    readonly NestFactory: { create(module: unknown, options: object): Promise<NestApplication> }
  }

  async function applicationOf(): Promise<NestApplication> {
    class Api {
      throws(): void {
        throw new Error('thrown')
      }
      answers(): void {
        throw new InternalServerErrorException('no answer')
      }
    }
    for (const name of ['throws', 'answers'] as const) {
      Get(name)(Api.prototype, name, Object.getOwnPropertyDescriptor(Api.prototype, name))
    }
    Controller()(Api)
    class App {
      readonly name = 'app'
    }
    Module({ controllers: [Api] })(App)
    return await NestFactory.create(App, { logger: false })
  }

  test('its own exception layer', async () => {
    const app = await applicationOf()
    await app.init()
    expect(await hopOf(app.getHttpServer(), '/throws')).toEqual(failed('thrown'))
    expect(await hopOf(app.getHttpServer(), '/answers')).toEqual(failed('no answer'))
    app.getHttpServer().close()
  })

  test('a filter of the application', async () => {
    class Everything {
      catch(_error: Error, host: { getArgByIndex(at: number): { status(code: number): { end(): void } } }): void {
        host.getArgByIndex(1).status(502).end()
      }
    }
    Catch()(Everything)
    const app = await applicationOf()
    app.useGlobalFilters(new Everything())
    await app.init()
    expect(await hopOf(app.getHttpServer(), '/throws')).toEqual(failed('thrown', 502))
    app.getHttpServer().close()
  })
})
