/** A cache in memory counts where the application looks something up in it, and not where a library does for itself. */
import { expect, test } from 'vitest'

import { isApplicationAbove } from '../../../src/capture/cache/asking-code.ts'

const OURS = ['/app/node_modules/@org/tracelog/dist/engine-caches.cjs', 'node:diagnostics_channel']
const LRU = '/app/node_modules/lru-cache/dist/commonjs/index.js'

test.each([
  ['the application', [LRU, '/app/src/prices.js'], true],
  ['a package of a workspace', [LRU, '/repo/packages/prices/index.js', '/app/src/server.js'], true],
  ['the application by a cache', [LRU, '/app/node_modules/cache-manager/dist/index.cjs', '/app/src/a.js'], true],
  ['the application by caches of a scope', [LRU, '/app/node_modules/@keyv/x/i.js', 'node:events', '/app/a.js'], true],
  ['a library', [LRU, '/app/node_modules/jwks-rsa/src/wrappers/cache.js', '/app/src/auth.js'], false],
  [
    'a library by a cache',
    [LRU, '/app/node_modules/@apollo/utils.keyvaluecache/dist/i.js', '/app/node_modules/@apollo/server/dist/s.js'],
    false,
  ],
  [
    'a library with a copy of its own',
    ['C:\\app\\node_modules\\x\\node_modules\\lru-cache\\i.js', 'C:\\app\\node_modules\\x\\i.js'],
    false,
  ],
  ['nobody who is known yet', [LRU, 'node:internal/process/task_queues'], undefined],
  ['a bundle', ['/app/dist/server.js', '/app/dist/server.js'], true],
] as const)('asked by %s', (_who, files, expected) => {
  expect(isApplicationAbove([...OURS, ...files])).toBe(expected)
})
