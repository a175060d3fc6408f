/** With which error a request was answered: whoever answers for it, the framework or the application, and however it failed. */
import { once } from 'node:events'
import { get, type IncomingMessage, type Server } from 'node:http'
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
  ['http', 'fastify', 'nestjs-core'].includes(name),
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
