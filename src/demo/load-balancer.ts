/**
 * A load balancer: hands each request to one of the upstreams in turn, and to the next one when an upstream is down.
 *
 * An ordinary program: it knows nothing of tracelog.
 * PORT: where it listens (0: any free port). UPSTREAMS: `127.0.0.1:3001,127.0.0.1:3002`.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createProxyServer } from 'http-proxy-3'
import winston from 'winston'

const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console()],
})

const upstreams = (process.env['UPSTREAMS'] ?? '').split(',').filter((upstream) => upstream !== '')
const agent = new http.Agent({ keepAlive: true })
const proxy = createProxyServer({ agent, xfwd: true })
let turn = 0

const server = http.createServer((request, response) => {
  const first = turn++ % upstreams.length
  logger.debug('whose turn is it', { turn, request_id: request.headers['x-request-id'] })
  forward(request, response, [...upstreams.slice(first), ...upstreams.slice(0, first)])
})

function forward(request: IncomingMessage, response: ServerResponse, [upstream, ...others]: string[]): void {
  const requestId = request.headers['x-request-id']
  logger.info('picked upstream', { upstream, request_id: requestId })
  proxy.web(request, response, { target: `http://${upstream}` }, (error: NodeJS.ErrnoException) => {
    const canRetry = error.code === 'ECONNREFUSED' && request.method === 'GET' && !response.headersSent
    if (canRetry && others.length > 0) {
      logger.warn('upstream is down, trying the next one', { upstream, code: error.code, request_id: requestId })
      forward(request, response, others)
      return
    }
    logger.error('no upstream answered', { upstream, request_id: requestId, error })
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: 'bad gateway' }))
  })
}

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  logger.info('load balancer listens', { port: (server.address() as AddressInfo).port, upstreams })
})

// Longer than a customer keeps an idle connection: who closes first must not be the one who is about to be asked.
server.keepAliveTimeout = 65_000

process.once('SIGTERM', () => {
  server.close()
  server.closeIdleConnections()
  agent.destroy()
})
