/**
 * Does the application start an OpenTelemetry SDK of its own, after us? Every SDK offers its tracer provider to the API; the API
 * refuses it, without a word, for ours is there. So a person would look for spans in vain: one line says where they are.
 */
import { sayOnce } from '../diag/events.ts'
import { guarded } from '../diag/guarded.ts'
import { watchModule } from './module-hooks.ts'

const METHOD = 'setGlobalTracerProvider'

/** @returns ends it */
export function watchOtherSdk(): () => void {
  const undo: (() => void)[] = []
  const unwatch = watchModule({
    package: '@opentelemetry/api',
    onLoad: (exports) => {
      const { trace } = exports as { trace?: object }
      const owner = trace && (Object.getPrototypeOf(trace) as object | null)
      const descriptor = owner && Object.getOwnPropertyDescriptor(owner, METHOD)
      if (!owner || descriptor?.configurable !== true || typeof descriptor.value !== 'function') return
      Object.defineProperty(owner, METHOD, {
        configurable: true,
        enumerable: false,
        get() {
          onOffer.call(undefined)
          return descriptor.value as unknown
        },
        set(this: object, value: unknown) {
          Object.defineProperty(this, METHOD, { ...descriptor, value })
        },
      })
      undo.push(() => Object.defineProperty(owner, METHOD, descriptor))
    },
  })
  return () => {
    unwatch()
    for (const step of undo) step()
  }
}

const onOffer = guarded('the API of OpenTelemetry', () => {
  sayOnce(
    'other-sdk',
    'the application starts an OpenTelemetry SDK of its own after tracelog: what is traced through the API goes to tracelog, ' +
      'and not to that SDK',
  )
})

/** @param provider  the class of the provider that was there before us */
export function sayEarlierSdk(provider: string): void {
  sayOnce(
    'other-sdk',
    `an OpenTelemetry SDK of the application (${provider}) was started before tracelog: what is traced through the API goes to ` +
      "that SDK, and not to tracelog; requests, their records and tracelog's own spans are in one trace with it",
  )
}
