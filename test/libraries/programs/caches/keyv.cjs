'use strict'
const { Cacheable } = require('cacheable')
const { Keyv } = require('keyv')

require('./keyv-cases.cjs')({ Keyv, Cacheable, createCache: cacheManager()?.createCache })

/** Not in the oldest set. */
function cacheManager() {
  try {
    return require('cache-manager')
  } catch {
    return undefined
  }
}
