import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { freePort } from '../../../src/cli/demo/free-port.ts'
import { portsToChoose } from '../../../src/cli/demo/port-range.ts'

async function taken(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.each([
  ['as on most systems, below', 32_768, 60_999, { from: 15_000, count: 17_768 }],
  ['low and short, above', 16_000, 30_000, { from: 30_001, count: 35_535 }],
  ['nearly all: whatever is there', 15_100, 65_000, { from: 15_000, count: 50_536 }],
])('where the kernel gives out %s', (_what, low, high, range) => {
  expect(portsToChoose([low, high])).toEqual(range)
})

test('a port can be listened on, and is one of those', async () => {
  const { from, count } = portsToChoose()
  const port = await freePort()
  expect(port).toBeGreaterThanOrEqual(from)
  expect(port).toBeLessThan(from + count)
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

test('one that somebody has is passed over', async () => {
  const from = await taken()
  const drawn = [0, 0, 0.5]
  const port = await freePort({ from, count: 2 }, () => drawn.shift() ?? 0)
  expect(port).not.toBe(from)
})

test('where all are taken any free one will do', async () => {
  const from = await taken()
  const port = await freePort({ from, count: 1 })
  expect(port).not.toBe(from)
  expect(port).toBeGreaterThan(0)
})
