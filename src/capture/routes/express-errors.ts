/**
 * With which error does express answer? Its routers hand an error on by calls of their own, from one closure to the next, and to handlers
 * of the application at last. Where that passes a function of its own text alone, that function is compiled with one call in it.
 *
 * Errors of routes: all, however they fail, but with router 2.0 and 2.1, whose functions use more than their own text. Of middleware: with
 * router 2.3 and later all, with express 4 those that an error handler of
 * the application is given, with router 2.0 to 2.2 none.
 */
import { guarded } from '../../diag/guarded.ts'
import { withInsertedCall } from '../hop/inserted-call.ts'
import { noteFailure } from './request-failure.ts'

type Method = (this: unknown, ...args: never[]) => unknown

/** A method of a class, and the brace behind which its error is known. */
export interface ErrorMethod {
  readonly name: string
  readonly before: RegExp
  /** @see InsertedCall.words; those of express 4.8 to 4.22 and of router 2.2 and 2.3 */
  readonly words: string
}

/** Every error of a route's handlers comes by here. */
export const ROUTE_DISPATCH: ErrorMethod = {
  name: 'dispatch',
  before: /function next ?\((err)\) ?\{/,
  words:
    'const dispatch done else err function get handleError handleRequest handle_error handle_request head idx if layer length let match method methods next req res return route router setImmediate stack string sync this toLowerCase true typeof var while',
}
/** express 4's, of all layers; router's uses its file's own scope. */
export const LAYER_HANDLE_ERROR: ErrorMethod = {
  name: 'handle_error',
  before: /^function handle_error\((error), req, res, next\) ?\{/,
  words: 'catch err error fn function handle handle_error if length next req res return this try var',
}

const note = guarded('express', (error: unknown) => {
  if (error && error !== 'route' && error !== 'router') noteFailure(error)
})

/** @returns gives the class its method back; `undefined`: it is another one than we know */
export function watchErrorMethod(
  exports: unknown,
  path: string,
  { name, before, words }: ErrorMethod,
): (() => void) | undefined {
  const { prototype } = exports as { readonly prototype?: Record<string, unknown> }
  const original = prototype?.[name]
  if (prototype === undefined || typeof original !== 'function') return undefined
  const state = { isOn: true }
  // Routes bind it when they are made: those stay with it.
  const tell = (error: unknown) => {
    if (state.isOn) note(error)
  }
  const told = withInsertedCall(original as Method, { path, before, words, tell })
  if (told === undefined) return undefined
  prototype[name] = told
  return () => {
    state.isOn = false
    if (prototype[name] === told) prototype[name] = original
  }
}

/** router 2.3 and later: each router asks it to remember the error that it was given, and it calls nothing. */
export function watchRecordError(exports: unknown): (() => void) | undefined {
  const file = exports as { recordError?: Method }
  const original = file.recordError
  if (typeof original !== 'function') return undefined
  const state = { isOn: true }
  file.recordError = function recordError(this: unknown, ...args) {
    if (state.isOn) note(args[1])
    return Reflect.apply(original, this, args)
  }
  return () => {
    state.isOn = false
  }
}
