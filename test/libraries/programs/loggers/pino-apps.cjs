// An application that logs by pino through something else, named by its argument.
const { once } = require('node:events')
const { createServer } = require('node:http')

const { flushed } = require('./flushed.cjs')

const get = async (port, path) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: 'Bearer hunter2' } })).text()

const apps = {
  async 'pino-http'() {
    const log = require('pino-http')()
    const server = createServer((request, response) => {
      log(request, response)
      request.log.info({ a: 1 }, 'handled')
      response.end('ok')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await get(server.address().port, '/path')
    server.close()
    server.closeAllConnections()
  },
  async fastify() {
    const app = require('fastify')({ logger: true })
    app.get('/r/:id', async (request) => {
      request.log.info({ a: 1 }, 'handled')
      return 'ok'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    await get(app.server.address().port, '/r/1')
    await app.close()
  },
  async 'nestjs-pino'() {
    require('reflect-metadata')
    const { Controller, Get, Module } = require('@nestjs/common')
    const { NestFactory } = require('@nestjs/core')
    const { LoggerModule, PinoLogger } = require('nestjs-pino')
    class Items {
      constructor(logger) {
        this.logger = logger
      }
      find() {
        this.logger.info({ a: 1 }, 'handled')
        return 'ok'
      }
    }
    Reflect.defineMetadata('design:paramtypes', [PinoLogger], Items)
    Controller()(Items)
    Get('/r')(Items.prototype, 'find', Object.getOwnPropertyDescriptor(Items.prototype, 'find'))
    class App {}
    Module({ imports: [LoggerModule.forRoot({ pinoHttp: { autoLogging: false } })], controllers: [Items] })(App)
    const app = await NestFactory.create(App, { logger: false })
    await app.listen(0, '127.0.0.1')
    await get(app.getHttpServer().address().port, '/r')
    await app.close()
  },
  async 'pino-pretty'() {
    const pretty = require('pino-pretty')
    require('pino')(pretty({ colorize: true, sync: true })).info({ a: 1 }, 'handled')
  },
  /** Printed by process.stdout: once they have been read, in another turn. */
  async 'pino-pretty on standard output'() {
    const pretty = require('pino-pretty')({ colorize: true, destination: process.stdout })
    const log = require('pino')({ level: 'debug' }, pretty)
    log.info({ a: 1 }, 'handled')
    log.warn({ b: 2 })
    log.error(new Error('boom'))
    process.stdout.write('handled\n')
    await new Promise((resolve) => setImmediate(resolve))
    log.debug('again')
    process.stdout.write('by itself\n')
    pretty.write('{"level":30,"time":0,"msg":"of another program"}\n')
    await new Promise((resolve) => setImmediate(resolve))
  },
  async transport() {
    const pino = require('pino')
    const stream = pino.transport({ target: 'pino/file', options: { destination: 1 } })
    await once(stream, 'ready')
    pino(stream).info({ a: 1 }, 'handled')
    stream.end()
    await once(stream, 'close')
  },
  async none() {
    const { log } = globalThis.early
    log.info({ a: 1 }, 'handled')
    log.level = 'debug'
    log.debug({ a: 2 }, 'later')
  },
}

apps[process.argv[2]]()
  .then(flushed)
  .catch((error) => {
    process.exitCode = 1
    console.error(error)
  })
