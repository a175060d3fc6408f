import { promisify } from 'node:util'

import Memcached from 'memcached'
import NodeCache from 'node-cache'

const near = new NodeCache({ stdTTL: 10 })
const far = new Memcached(process.env.MEMCACHED ?? '127.0.0.1:11211', { timeout: 2_000 })
const get = promisify(far.get.bind(far))
const set = promisify(far.set.bind(far))

/** From memory, else from memcached, else made and kept in both. */
export async function cached(key, make) {
  const known = near.get(key)
  if (known !== undefined) return known
  let value = await get(key)
  if (value === undefined) {
    console.warn(`nobody knows ${key}`)
    value = await make()
    await set(key, value, 60)
  }
  near.set(key, value)
  return value
}

export function close() {
  near.close()
  far.end()
}
