// Small applications, one for each framework: a route with a parameter below a prefix, one that fails, one that answers 404 with an
// error, and no other. `see(id, when, own)` is called in each handler, at once and in a timer. Each gives a server that does not listen yet.
const { createServer } = require('node:http')
const { setTimeout: later } = require('node:timers/promises')

/** By name: the packages that it needs, and how it is built of them. */
module.exports = {
  express: {
    packages: ['express'],
    build({ express }, see) {
      const users = express.Router()
      users.get('/users/:id', async (request, response) => response.send(await answer(see, request.params.id)))
      users.get('/fails', () => fail())
      users.get('/gone', (request, response) => response.status(404).end())
      const app = express().use('/api', users)
      app.use((error, request, response, next) => response.status(500).end())
      return createServer(app)
    },
  },
  fastify: {
    packages: ['fastify'],
    async build({ fastify }, see) {
      const app = fastify()
      await app.register(
        async (api) => {
          api.get('/users/:id', (request) => answer(see, request.params.id, [/^req-\w+$/.test(request.id), ...keysOf(request)]))
          api.get('/fails', async () => fail())
          api.get('/gone', async () => fail(404))
        },
        { prefix: '/api' },
      )
      await app.ready()
      return app.server
    },
  },
  koa: koaWith('@koa/router'),
  'koa and koa-router': koaWith('koa-router'),
  hapi: {
    packages: ['@hapi/hapi'],
    async build({ '@hapi/hapi': hapi }, see) {
      const server = hapi.server({ port: 0, host: '127.0.0.1' })
      const route = (path, handler) => server.route({ method: 'GET', path: `/api${path}`, handler })
      route('/users/{id}', (request) => answer(see, request.params.id, [typeof request.info.id, ...keysOf(request)]))
      route('/fails', async () => fail())
      route('/gone', async () => {
        throw Object.assign(new Error('gone'), { isBoom: true, isServer: false, output: gone() })
      })
      await server.initialize()
      return server.listener
    },
  },
  // Without a seam: its routes are told by the application itself.
  hono: {
    packages: ['hono', '@hono/node-server'],
    build({ hono: { Hono }, '@hono/node-server': { getRequestListener } }, see) {
      const app = new Hono().basePath('/api')
      const route = (path, handler) =>
        app.get(path, (context) => {
          globalThis[Symbol.for('org.tracelog.v1')]?.requestFields({ 'http.route': `/api${path}` })
          return handler(context)
        })
      route('/users/:id', async (context) => context.text(await answer(see, context.req.param('id'))))
      route('/fails', (context) => context.text('no', 500))
      route('/gone', (context) => context.text('gone', 404))
      return createServer(getRequestListener(app.fetch))
    },
  },
  'nest on express': nestOn('express', ({ '@nestjs/platform-express': { ExpressAdapter } }) => new ExpressAdapter()),
  'nest on fastify': nestOn('fastify', ({ '@nestjs/platform-fastify': { FastifyAdapter } }) => new FastifyAdapter()),
}

/** Says what its context is, at once and in a timer. */
async function answer(see, id, own) {
  see(id, 'at once', own)
  await later(2)
  see(id, 'later')
  return id
}

/** What a request shows of itself. */
function keysOf(request) {
  return Reflect.ownKeys(request).map(String)
}

function fail(status) {
  throw Object.assign(new TypeError('the handler failed'), status === undefined ? {} : { status, statusCode: status })
}

function gone() {
  return { statusCode: 404, headers: {}, payload: { statusCode: 404, error: 'Not Found', message: 'gone' } }
}

function koaWith(router) {
  return {
    packages: ['koa', router],
    build({ koa: Koa, [router]: Router }, see) {
      const routes = new Router({ prefix: '/api' })
      routes.get('/users/:id', async (ctx) => {
        ctx.body = await answer(see, ctx.params.id, keysOf(ctx))
      })
      routes.get('/fails', async () => fail())
      routes.get('/gone', async () => fail(404))
      const app = new Koa()
      app.use(routes.routes())
      return createServer(app.callback())
    },
  }
}

function nestOn(adapter, create) {
  return {
    packages: ['reflect-metadata', '@nestjs/common', '@nestjs/core', `@nestjs/platform-${adapter}`],
    async build(libraries, see) {
      const { Controller, Get, Module, NotFoundException, Param } = libraries['@nestjs/common']
      class Api {
        user(id) {
          return answer(see, id)
        }
        fails() {
          fail()
        }
        gone() {
          throw new NotFoundException('gone')
        }
      }
      const decorate = (name, decorator) => decorator(Api.prototype, name, Object.getOwnPropertyDescriptor(Api.prototype, name))
      decorate('user', Get('users/:id'))
      Param('id')(Api.prototype, 'user', 0)
      decorate('fails', Get('fails'))
      decorate('gone', Get('gone'))
      Controller('api')(Api)
      class App {}
      Module({ controllers: [Api] })(App)
      const { NestFactory } = libraries['@nestjs/core']
      const app = await NestFactory.create(App, create(libraries), { logger: false })
      await app.init()
      const instance = app.getHttpAdapter().getInstance()
      if (adapter === 'fastify') await instance.ready()
      return app.getHttpServer()
    },
  }
}
