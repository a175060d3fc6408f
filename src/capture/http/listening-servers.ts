/**
 * Which servers are there? One is met when it has begun to listen (channel `net.server.listen`), and then watched for the
 * requests that no HTTP channel announces: upgrades and CONNECT of node:http, and all of node:http2.
 */
import type { EventEmitter } from 'node:events'

import type { ChannelListeners } from '../hop/channel-subscriptions.ts'
import { watchHttp2 } from './http2-streams.ts'
import type { ServerSettings } from './server-settings.ts'
import { watchUpgrades } from './upgrades.ts'

/** On a server: it is watched. */
const WATCHED: unique symbol = Symbol.for('org.tracelog.watched-server')

type WatchedServer = EventEmitter & { [WATCHED]?: true }

/** Of those that speak HTTP/2 alone, of which the reference engine knows nothing. */
export function listeningHttp2Servers(settings: ServerSettings): ChannelListeners {
  return {
    'tracing:net.server.listen:asyncStart': ({ server }: { readonly server: WatchedServer }) => {
      if (server[WATCHED] === true || !('updateSettings' in server)) return
      Object.defineProperty(server, WATCHED, { value: true })
      watchHttp2(server, settings)
    },
  }
}

/** @param onHttpServer  called when a server that speaks HTTP/1 begins to listen: node:http is in use */
export function listeningServers(settings: ServerSettings, onHttpServer: () => void): ChannelListeners {
  return {
    'tracing:net.server.listen:asyncStart': ({ server }: { readonly server: WatchedServer }) => {
      if (server[WATCHED] === true) return
      Object.defineProperty(server, WATCHED, { value: true })
      if ('updateSettings' in server) watchHttp2(server, settings)
      // An HTTP/2 server may speak HTTP/1 too (`allowHTTP1`).
      if ('setTimeout' in server && 'timeout' in server) {
        onHttpServer()
        watchUpgrades(server, settings)
      }
    },
  }
}
