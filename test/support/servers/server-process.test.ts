/** The start of a server whose port is not free yet: the one before it, or a stranger, lets go of it in a moment. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { freePort } from './free-port.ts'
import { listens, startServer } from './server-process.ts'

/** Fails as servers do, and leaves a file that says so: node -e SOURCE port file. */
const SOURCE = `const [port, file] = process.argv.slice(1)
  require('node:net').createServer().listen(Number(port), '127.0.0.1').on('error', (error) => {
    require('node:fs').writeFileSync(file, '')
    throw error
  })`

function start(port: number, isReady: (failed: boolean) => Promise<boolean>) {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-server-process-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const failed = join(folder, 'failed')
  return startServer({
    name: 'listener',
    program: process.execPath,
    args: ['-e', SOURCE, String(port), failed],
    isReady: () => isReady(existsSync(failed)),
  })
}

test('a server whose port is taken is started until it has it', async () => {
  const port = await freePort()
  const holder = createServer().listen(port, '127.0.0.1')
  const server = await start(port, async (failed) => {
    if (failed) holder.close()
    return !holder.listening && listens(port)
  })
  onTestFinished(() => server.kill())
  expect(server.said()).toBe('')
})

test('a server that ends for another reason is an error that says what it said', async () => {
  await expect(start(65_536, () => Promise.resolve(false))).rejects.toThrow(
    /^listener ended before it was ready:\n[^]*port/,
  )
})

test('a server that ends by itself later is started again, and what it said before is kept', async () => {
  const port = await freePort()
  const source = `console.log('here ' + process.pid)
    require('node:net').createServer((socket) => socket.on('data', () => process.exit(3))).listen(${port}, '127.0.0.1')`
  const server = await startServer({
    name: 'listener',
    program: process.execPath,
    args: ['-e', source],
    isReady: () => listens(port),
  })
  onTestFinished(() => server.kill())
  const first = server.pid
  createConnection(port, '127.0.0.1')
    .on('error', () => undefined)
    .end('end, please')
  await expect.poll(async () => (await listens(port)) && server.pid !== first).toBe(true)
  await expect.poll(() => server.said()).toBe(`here ${first}\nhere ${server.pid}\n`)
  await server.stop()
  expect(await listens(port)).toBe(false)
})
