/**
 * Clients of node:http2 as one instrumentation: when is node:http2 in use, so that its sessions can be hooked?
 *
 * It is not ours to load. Before a session there is a socket, and both are announced when node:http2 is there already; on Node 22 a
 * socket of TLS is not, so an application that listens is looked at then. What hooks it is compiled by that (http2-client.ts).
 */
import { sayOnce } from '../../diag/events.ts'
import { channelSubscriptions } from '../hop/channel-subscriptions.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'
import { createHttp2ClientHook, type Http2ClientHook } from './http2-client.ts'

interface FinishMessage {
  readonly stream: object
  readonly headers: Readonly<Record<string, unknown>>
}

/** All that Node has loaded of itself. */
const loadedByNode = () => (process as unknown as { readonly moduleLoadList: readonly string[] }).moduleLoadList

export function createHttp2ClientInstrumentation(options: HopOptions): Instrumentation {
  let status: InstrumentationStatus = 'off'
  let hook: Http2ClientHook | undefined
  const look = () => {
    if (status !== 'waiting' || !loadedByNode().includes('NativeModule http2')) return
    status = 'failed'
    hook ??= createHttp2ClientHook(options)
    const problem = hook.watch()
    if (problem === undefined) status = 'active'
    else sayOnce('hook:http2', `could not attach to node:http2: ${problem}; its clients are not captured`)
  }
  const subscriptions = channelSubscriptions({
    'net.client.socket': look,
    'tracing:net.server.listen:asyncStart': look,
    'http2.client.stream.created': () => hook?.hasChannels(),
    'http2.client.stream.finish': ({ stream, headers }: FinishMessage) => hook?.answered(stream, headers),
  })
  return {
    name: 'http2',
    enable() {
      if (status !== 'off') return
      status = 'waiting'
      subscriptions.enable()
    },
    disable() {
      subscriptions.disable()
      hook?.unwatch()
      status = 'off'
    },
    status: () => status,
  }
}
