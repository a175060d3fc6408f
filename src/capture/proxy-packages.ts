/**
 * Packages that forward requests without piping both ways: @fastify/reply-from (below @fastify/http-proxy) has undici read the body,
 * express-http-proxy keeps it whole. They say themselves that they forward: each calls a function of its own before it asks the upstream,
 * one that calls nothing of the application's.
 */
import { guarded } from '../diag/guarded.ts'
import { currentUnit } from '../context/request-unit.ts'
import type { LibraryHook } from './library-instrumentation.ts'
import { noteForwarding } from './proxy.ts'

type Leaf = (this: unknown, ...args: unknown[]) => unknown

/** Opened when the first of the files is loaded. What the packages have taken from them stays hooked, and is silent when it is off. */
export function createProxyPackagesHook(): LibraryHook {
  const state = { isOn: true }
  const note = guarded('forwarding', () => {
    const unit = state.isOn ? currentUnit() : undefined
    if (unit !== undefined) noteForwarding(unit)
  })
  const telling = (original: Leaf): Leaf =>
    function (this: unknown, ...args) {
      note()
      return Reflect.apply(original, this, args)
    }
  return {
    onFile({ exports, module }) {
      state.isOn = true
      if (typeof exports === 'function') module.exports = telling(exports as Leaf)
      else tellOf(exports as Record<string, unknown>, telling)
      return () => {
        state.isOn = false
      }
    },
  }
}

/** Before each request reply-from asks which headers are for one connection only. */
function tellOf(file: Record<string, unknown>, telling: (original: Leaf) => Leaf): void {
  const { getConnectionHeaders } = file
  if (typeof getConnectionHeaders !== 'function') throw new Error('there is no function getConnectionHeaders')
  file['getConnectionHeaders'] = telling(getConnectionHeaders as Leaf)
}
