/**
 * Which caches without a channel of their own are heard, by which of their files? In the start's bundle; what is done with them is in a
 * chunk.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import type { Instrumentation } from '../instrumentation.ts'
import { libraryInstrumentation } from '../library-instrumentation.ts'
import type { CacheOptions } from './cache-options.ts'
import { createKeyvHook } from './keyv.ts'
import { createMemcachedHook } from './memcached.ts'
import { createMemjsHook } from './memjs.ts'
import { createNodeCacheHook } from './node-cache.ts'

/** @param storage  the context manager's store */
export function createCacheInstrumentations(
  options: CacheOptions,
  storage: AsyncLocalStorage<Context>,
): readonly Instrumentation[] {
  return [
    libraryInstrumentation({
      name: 'memcached',
      files: [{ package: 'memcached', file: 'lib/utils.js' }],
      open: () => createMemcachedHook(options, storage),
    }),
    libraryInstrumentation({
      name: 'memjs',
      files: [{ package: 'memjs', file: 'lib/memjs/memjs.js' }],
      open: () => createMemjsHook(options, storage),
    }),
    libraryInstrumentation({
      name: 'keyv',
      files: [{ package: 'keyv', file: 'dist/index.cjs' }],
      open: createKeyvHook,
    }),
    libraryInstrumentation({
      name: 'node-cache',
      files: [{ package: 'node-cache', file: 'lib/node_cache.js' }],
      open: createNodeCacheHook,
    }),
  ]
}
