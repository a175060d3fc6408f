/**
 * When is the work over that this process was started for? When it begins to serve others; the rule is that of
 * context/inherited-context.ts.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import type { InheritedContext } from '../context/inherited-context.ts'
import { listenUnseen } from '../diag/own-listeners.ts'
import { channelSubscriptions } from './hop/channel-subscriptions.ts'

/** @returns stops watching; nothing is watched where nothing was inherited */
export function watchFirstWork(inherited: InheritedContext, storage: AsyncLocalStorage<Context>): () => void {
  if (inherited.active() === ROOT_CONTEXT) return () => {}
  const isOver = () => {
    servers.disable()
    stopMessages?.()
    inherited.end()
  }
  const servers = channelSubscriptions({ 'tracing:net.server.listen:asyncEnd': isOver })
  servers.enable()
  const hasChannel = process.channel !== undefined && process.channel !== null
  const onFirstMessage = () => {
    // Before the application's listeners: they run in the context that is entered here.
    storage.enterWith(inherited.active())
    isOver()
  }
  const stopMessages = hasChannel ? listenUnseen(process, 'message', onFirstMessage, { isFirst: true }) : undefined
  return () => {
    servers.disable()
    stopMessages?.()
  }
}
