/**
 * Upgrades and CONNECT of node:http, which no channel announces. The handshake is the hop: what the sockets say afterwards
 * is no HTTP, and no span stays open for it.
 *
 * A listener of ours goes before the application's: it enters the request's context and returns. It is not counted, neither by
 * the application nor by Node, for which an upgrade without a listener is an ordinary request.
 */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

import { listenUnseen } from '../../diag/own-listeners.ts'
import { beginServerHop } from './begin-server-hop.ts'
import { watchEmits } from './emitter-context.ts'
import { watchFirstWrite } from './first-write.ts'
import { quietContext } from './inbound-context.ts'
import type { Answer, ServerHop } from './server-hop.ts'
import { enterWith, type ServerSettings } from './server-settings.ts'
import { parseTarget } from './request-target.ts'

export function watchUpgrades(server: EventEmitter, settings: ServerSettings): void {
  const onUpgrade = (request: IncomingMessage, socket: Socket) => beginUpgrade(request, socket, settings)
  for (const event of ['upgrade', 'connect']) listenUnseen(server, event, onUpgrade, { isFirst: true })
}

function beginUpgrade(
  request: IncomingMessage,
  socket: Socket,
  { options, isIgnored, isEnabled }: ServerSettings,
): void {
  if (!isEnabled) return
  const target = parseTarget(request.url ?? '/')
  if (isIgnored(target.path)) {
    enterWith(options.storage, quietContext(request.headers, options), [request, socket])
    return
  }
  const hop = beginServerHop(options, { request, target, socket: request.socket ?? socket })
  hop.answerWith(UNANSWERED, socket)
  watchFirstWrite(socket, (status) => finishUpgrade(hop, status))
  enterWith(options.storage, hop.context, [request, socket])
  watchEmits(socket, hop)
}

function finishUpgrade(hop: ServerHop, status: number | undefined): void {
  const { unit } = hop
  const passedOn = unit.upstreams.all.find((attempt) => attempt.method === unit.method && attempt.status === '')
  if (status === 101 && passedOn !== undefined) {
    unit.component = 'load_balancer'
    passedOn.status = '101'
  }
  hop.finish({ status, isComplete: status !== undefined })
}

/** A socket to which nothing was written yet. */
const UNANSWERED: Answer<Socket> = {
  end: () => ({ status: undefined, isComplete: false }),
  isOver: (socket) => socket.destroyed,
}
