/** Ports for the servers of the tests: what one process has been given no other gets, not even when nobody listens there. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

import { freePorts } from './free-port.ts'

const MODULE = new URL('free-port.ts', import.meta.url).href

/** A thread begins to look where its process does, as another process may by its id. */
async function portsOfAnother(count: number): Promise<readonly number[]> {
  const source = `const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(MODULE)}).then(async ({ freePorts }) => parentPort.postMessage(await freePorts(${count})))`
  const [ports] = (await once(new Worker(source, { eval: true }), 'message')) as [readonly number[]]
  return ports
}

test.runIf(process.platform === 'linux')('two that begin at the same place get different ports', async () => {
  const ports = [...(await freePorts(20)), ...(await portsOfAnother(20)), ...(await freePorts(20))]
  expect(new Set(ports).size).toBe(60)
})
