/**
 * Who looks things up in this cache, the application or a library on its own behalf? Decided by its first look-up within a request: whose
 * code stands above the cache, and above libraries that are caches themselves. Code outside of every node_modules is the application's.
 */
import { getCallSites } from 'node:util'

/** Deep enough for a cache within a cache within a cache. Frames. */
const MAX_FRAMES = 40

/** What the application asks when it asks one of these. */
const CACHES: ReadonlySet<string> = new Set([
  'lru-cache',
  'cache-manager',
  'cacheable',
  'keyv',
  'hookified',
  '@apollo/utils.keyvaluecache',
])
const CACHE_SCOPES = ['@cacheable/', '@keyv/']

const known = new WeakMap<object, boolean>()

/** Called while the cache is asked. Where the stack does not tell, it is the application, and the next look-up decides. */
export function isAskedByApplication(cache: object): boolean {
  const before = known.get(cache)
  if (before !== undefined) return before
  const asks = isApplicationAbove(getCallSites(MAX_FRAMES).map(({ scriptName }) => scriptName))
  if (asks !== undefined) known.set(cache, asks)
  return asks ?? true
}

/** @param files  of the frames, the innermost first */
export function isApplicationAbove(files: readonly string[]): boolean | undefined {
  const named = files.map((file) => ({ file, name: packageOf(file) }))
  const cache = named.findIndex(({ name }) => name === 'lru-cache')
  // Folded into the application's own file.
  if (cache < 0) return true
  const asking = named.slice(cache).find(({ file, name }) => !/^(?:node:|$)/.test(file) && !isCache(name))
  return asking === undefined ? undefined : asking.name === undefined
}

function isCache(name: string | undefined): boolean {
  return name !== undefined && (CACHES.has(name) || CACHE_SCOPES.some((scope) => name.startsWith(scope)))
}

/** @returns `undefined`: it lies in no package that was installed */
function packageOf(file: string): string | undefined {
  const [, name] = /.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(file) ?? []
  return name?.replace('\\', '/')
}
