/**
 * Which route of express answered? `http.route` and the span's name, without a span, a wrapper or a frame per middleware.
 *
 * express 4 has its Layer in itself, express 5 in the package `router`. The method through which a router calls a layer is
 * read from the prototype each time; here it is an accessor: reading it tells which layer is about to run, and hands back
 * the original. The current request is known from the context.
 */
import type { IncomingMessage } from 'node:http'

import type { RequestUnit } from '../context/request-unit.ts'
import { currentUnit } from '../context/request-unit.ts'
import { guarded } from '../diag/guarded.ts'
import type { LibraryHook } from './library-instrumentation.ts'
import type { PackageFile } from './package-files.ts'
import { LAYER_HANDLE_ERROR, ROUTE_DISPATCH, watchErrorMethod, watchRecordError } from './routes/express-errors.ts'

/** What of a Layer is read. express 5 (router 2.3 and later) keeps the pattern, express 4 its regular expression. */
interface Layer {
  readonly route?: { readonly path?: unknown }
  readonly rawPath?: unknown
  /** The part of the path that was matched last, by any request; right while this one runs it. */
  readonly path?: string
  readonly slash?: boolean
  /** Of a route's own handlers alone; `undefined` for all methods. */
  readonly method?: string | undefined
  readonly params?: Readonly<Record<string, unknown>>
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  readonly keys?: readonly { readonly name: string | number }[]
}
type ExpressRequest = IncomingMessage & { readonly baseUrl?: string }

/** Of a request: the pattern of each path that its routers are mounted at. */
const mounts = new WeakMap<RequestUnit, Map<string, string>>()
/** Most applications mount nothing, and then no request has an entry. */
let hasMounts = false

/** A file of a Layer has the name of the method through which a router calls it; the others tell of errors. */
export interface ExpressFile extends PackageFile {
  readonly method?: string
}

/** Opened when the first of the files is loaded. */
export function createExpressHook(): LibraryHook<ExpressFile> {
  return {
    onFile({ exports, file, path }) {
      if (file.file === 'lib/tracing.js') return watchRecordError(exports)
      if (file.method === undefined) return watchErrorMethod(exports, path, ROUTE_DISPATCH)
      const steps = [watchLayers(exports, file.method), watchErrorMethod(exports, path, LAYER_HANDLE_ERROR)]
      return () => {
        for (const step of steps) step?.()
      }
    },
  }
}

/** @returns gives the prototype its method back; `undefined` for what is no Layer */
function watchLayers(exports: unknown, method: string): (() => void) | undefined {
  const { prototype } = exports as { prototype?: Record<string, unknown> }
  if (typeof prototype?.[method] !== 'function') return undefined
  let original: unknown = prototype[method]
  Object.defineProperty(prototype, method, {
    configurable: true,
    enumerable: true,
    get(this: Layer) {
      note.call(this)
      return original
    },
    set(this: object, value: unknown) {
      if (this === prototype) original = value
      else Object.defineProperty(this, method, { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => {
    const plain = { value: original, configurable: true, enumerable: true, writable: true }
    Object.defineProperty(prototype, method, plain)
  }
}

const note = guarded('express', function (this: Layer) {
  noteLayer(this)
})

function noteLayer(layer: Layer): void {
  // The handlers of a route are layers too, and no mounts: they have a method, if only an undefined one.
  const isPassed = layer.slash === true || 'method' in layer || layer.regexp?.fast_slash === true
  if (layer.route === undefined && isPassed) return
  const unit = currentUnit()
  const request = unit?.inbound as ExpressRequest | undefined
  if (unit === undefined || request === undefined) return
  const baseUrl = request.baseUrl ?? ''
  if (layer.route !== undefined) {
    const mount = hasMounts ? mounts.get(unit)?.get(baseUrl) : undefined
    unit.route = routeOf(mount ?? baseUrl, layer.route.path)
    return
  }
  // A mounted router or middleware: express has moved its part of the path from `url` to `baseUrl` already.
  const matched = layer.path ?? ''
  const removed = matched.endsWith('/') ? matched.slice(0, -1) : matched
  const known = mounts.get(unit) ?? new Map<string, string>()
  const isMounted = removed !== '' && baseUrl.endsWith(removed)
  const parentUrl = isMounted ? baseUrl.slice(0, -removed.length) : parentOf(baseUrl, known)
  known.set(baseUrl, joined(known.get(parentUrl) ?? parentUrl, mountPattern(layer, baseUrl.slice(parentUrl.length))))
  mounts.set(unit, known)
  hasMounts = true
}

/** The longest mount that this path is below. */
function parentOf(baseUrl: string, known: ReadonlyMap<string, string>): string {
  return [...known.keys()]
    .filter((path) => path !== baseUrl && baseUrl.startsWith(`${path}/`))
    .reduce((longest, path) => (path.length > longest.length ? path : longest), '')
}

function mountPattern(layer: Layer, actual: string): string {
  const { rawPath, regexp, params } = layer
  if (typeof rawPath === 'string') return rawPath
  const pattern = regexp === undefined ? undefined : patternOfRegExp(regexp.source, layer.keys ?? [])
  if (pattern !== undefined) return pattern
  // router 2.0 to 2.2 keep no pattern: what a parameter took of the path is put back to its name.
  const names = new Map(Object.entries(params ?? {}).map(([name, value]) => [String(value), name]))
  return actual
    .split('/')
    .map((part) => (names.has(part) ? `:${names.get(part)}` : part))
    .join('/')
}

/** path-to-regexp 0.1 turned back: `^\/users\/(?:([^\/]+?))\/?(?=\/|$)` -> `/users/:id`. */
export function patternOfRegExp(
  source: string,
  keys: readonly { readonly name: string | number }[],
): string | undefined {
  let at = 0
  const pattern = source
    .replace(/^\^/, '')
    .replace(/(?:\\\/\?)?(?:\(\?=\\\/\|\$\)|\$)$/, '')
    .replace(/\(\?:\\\/\(\[\^\\?\/\]\+\?\)\)\??/g, () => `/:${keys[at++]?.name ?? '*'}`)
    .replace(/\(\?:\(\[\^\\?\/\]\+\?\)\)/g, () => `:${keys[at++]?.name ?? '*'}`)
    .replaceAll(String.raw`\/`, '/')
    .replaceAll(/\\([.-])/g, '$1')
  return /[\\()[\]^$+?]/.test(pattern) ? undefined : pattern
}

function patternText(path: unknown): string {
  if (typeof path === 'string') return path
  if (path instanceof RegExp) return path.source
  return Array.isArray(path) ? path.map(patternText).join('|') : ''
}

let lastBase: string | undefined
let lastPath: unknown
let lastRoute = ''

/** Joined once for requests of one route in a row: templates of routes are found by the very same text. */
function routeOf(base: string, path: unknown): string {
  if (typeof path !== 'string') return joined(base, patternText(path))
  if (base !== lastBase || path !== lastPath) {
    lastRoute = joined(base, path)
    lastBase = base
    lastPath = path
  }
  return lastRoute
}

function joined(base: string, path: string): string {
  const head = base.endsWith('/') ? base.slice(0, -1) : base
  const whole = path === '/' && head !== '' ? head : `${head}${path.startsWith('/') ? '' : '/'}${path}`
  return whole === '' ? '/' : whole
}
