/**
 * All deliveries of one set of rules.
 */
import type { Delivery, Rule } from '../rule.ts'
import type { DeliveryPart } from '../shape-request.ts'
import type { DeliveryCounts } from '../worker-protocol.ts'
import type { DeliveryRunner, Say } from './delivery.ts'
import { createFileDelivery } from './file-delivery.ts'
import { createForwardDelivery } from './forward-delivery.ts'
import { createPluginDelivery, type PluginDelivery } from './plugin-delivery.ts'

export interface DeliveriesOptions {
  readonly rules: readonly Rule[]
  readonly deliveries: readonly Delivery[]
  readonly userAgent: string
  readonly say: Say
  readonly onLogged: (bytes: Uint8Array) => void
}

export interface Deliveries {
  take(parts: readonly DeliveryPart[]): void
  counts(): readonly DeliveryCounts[]
  stop(): Promise<void>
}

/** Resolves when every plugin is loaded. @throws an error that names the one that is not; then nothing is left running */
export async function startDeliveries(options: DeliveriesOptions): Promise<Deliveries> {
  const { rules, deliveries, userAgent, say, onLogged } = options
  const plugins: PluginDelivery[] = []
  const runners = deliveries.map(({ rule, action }): DeliveryRunner => {
    const { name } = rules[rule]!
    if (action.kind === 'file') return createFileDelivery(name, action, say)
    if (action.kind === 'forward') return createForwardDelivery({ name, action, userAgent, say })
    const plugin = createPluginDelivery({ name, action, say, onLogged })
    plugins.push(plugin)
    return plugin
  })
  const stop = async (): Promise<void> => void (await Promise.all(runners.map((runner) => runner.stop())))
  const started = await Promise.allSettled(plugins.map((plugin) => plugin.start()))
  const failures = started.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []))
  if (failures.length > 0) {
    await stop()
    throw new Error(failures.join('\n'))
  }
  return {
    take: (parts) => {
      for (const part of parts) runners[part.delivery]?.take(part)
    },
    counts: () => runners.map((runner) => runner.counts()),
    stop,
  }
}
