/**
 * Which route of fastify answered, and with which error? Its routes are objects that are asked for the class of the request once for
 * each request: the accessor tells whose request begins.
 *
 * Errors: what an async handler rejects with, and what the default error handler of fastify 5 is given. Not: what a handler throws at
 * once or gives to `reply.send()` where an error handler of the application answers for it, and with fastify 4 there at all.
 */
import { types } from 'node:util'

import { currentUnit } from '../../context/request-unit.ts'
import { guarded } from '../../diag/guarded.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { noteFailure } from './request-failure.ts'

/** What is read of a route: fastify calls it Context. */
interface RouteContext {
  readonly config?: { readonly url?: unknown }
  [KEPT]?: unknown
}
/** Where the class is kept that the accessor stands for. */
const KEPT: unique symbol = Symbol.for('org.tracelog.fastify.request')

type Leaf = (this: unknown, ...args: unknown[]) => unknown

/** Opened when the first of the files is loaded. What fastify has taken from its files stays hooked, and is silent when it is off. */
export function createFastifyHook(): LibraryHook {
  const state = { isOn: true }
  const noteRoute = guarded('fastify', function (this: RouteContext) {
    if (state.isOn) onRoute(this)
  })
  return {
    onFile({ file, exports, module }) {
      state.isOn = true
      if (file.file === 'lib/context.js') watchContext(exports, noteRoute)
      else if (file.file === 'lib/error-status.js') watchErrorStatus(exports, state)
      else module.exports = watchedThenable(exports as Leaf, state)
      return () => {
        state.isOn = false
      }
    },
  }
}

/** One read for each request; a request that a handler injects into its own server is no route of the caller's. */
function onRoute({ config }: RouteContext): void {
  const unit = currentUnit()
  if (unit !== undefined && typeof config?.url === 'string') unit.route ??= config.url
}

function watchContext(exports: unknown, noteRoute: (this: RouteContext) => void): void {
  const { prototype } = exports as { readonly prototype?: object }
  if (prototype === undefined) throw new Error('lib/context.js is no class')
  // Contexts that were made while it was on need it: it is never taken away.
  if (Object.hasOwn(prototype, 'Request')) return
  Object.defineProperty(prototype, 'Request', {
    configurable: true,
    get(this: RouteContext) {
      noteRoute.call(this)
      return this[KEPT]
    },
    set(this: RouteContext, value: unknown) {
      Object.defineProperty(this, KEPT, { value, configurable: true, enumerable: false, writable: true })
    },
  })
}

/** The default error handler asks for the status of an error: nothing of the application's is called from there. */
function watchErrorStatus(exports: unknown, state: { readonly isOn: boolean }): void {
  const file = exports as { setErrorStatusCode?: Leaf }
  const original = file.setErrorStatusCode
  if (typeof original !== 'function') return
  const note = guarded('fastify', (error: unknown) => {
    if (state.isOn) noteFailure(error)
  })
  file.setErrorStatusCode = function setErrorStatusCode(this: unknown, ...args) {
    note(args[1])
    return Reflect.apply(original, this, args)
  }
}

/** What a handler has returned that is a promise is awaited there; the handler itself has returned. */
function watchedThenable(original: Leaf, state: { readonly isOn: boolean }): Leaf {
  const note = guarded('fastify', (error: unknown) => {
    if (state.isOn) noteFailure(error)
  })
  const watch = guarded('fastify', (thenable: unknown) => {
    // A promise of another make may begin its work by `then`. This branch never rejects.
    if (state.isOn && types.isPromise(thenable)) void Promise.prototype.then.call(thenable, undefined, note)
  })
  return function wrapThenable(this: unknown, ...args) {
    watch(args[0])
    return Reflect.apply(original, this, args)
  }
}
