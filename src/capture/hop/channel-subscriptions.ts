/**
 * Listening to diagnostics channels: what every instrumentation does that needs nothing else.
 *
 * Each listener is guarded here, so that none of them has to think of it.
 */
import { channel } from 'node:diagnostics_channel'

import { guarded } from '../../diag/guarded.ts'
import type { Instrumentation } from '../instrumentation.ts'

/** By the channel's name; of a tracing channel each event is one: `tracing:ioredis:command:start`. */
export type ChannelListeners = Readonly<Record<string, (message: never) => void>>

export interface Subscriptions {
  /** Twice is harmless. */
  enable(): void
  /** Twice is harmless. */
  disable(): void
  readonly isEnabled: boolean
}

export function channelSubscriptions(listeners: ChannelListeners): Subscriptions {
  const subscribers = Object.entries(listeners).map(
    ([name, listener]) => [name, guarded(name, listener as () => void)] as const,
  )
  let isEnabled = false
  return {
    enable() {
      if (isEnabled) return
      isEnabled = true
      for (const [name, subscriber] of subscribers) channel(name).subscribe(subscriber)
    },
    disable() {
      if (!isEnabled) return
      isEnabled = false
      for (const [name, subscriber] of subscribers) channel(name).unsubscribe(subscriber)
    },
    get isEnabled() {
      return isEnabled
    },
  }
}

/** An instrumentation that does nothing but listen. */
export function channelInstrumentation(name: string, listeners: ChannelListeners): Instrumentation {
  const subscriptions = channelSubscriptions(listeners)
  return {
    name,
    enable: () => subscriptions.enable(),
    disable: () => subscriptions.disable(),
    status: () => (subscriptions.isEnabled ? 'active' : 'off'),
  }
}
