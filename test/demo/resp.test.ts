/** The protocol of the demo's small cache, and the cache itself with the real redis client. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { createClient } from 'redis'
import { expect, test } from 'vitest'

import { CommandReader, RespError, writeReply } from '../../src/demo/resp.ts'

function encode(command: readonly Uint8Array[]): Buffer {
  const parts = command.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')])
  return Buffer.concat([Buffer.from(`*${command.length}\r\n`), ...parts])
}

test('commands come out as they went in, wherever the stream is cut', () => {
  const commands = fc.array(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 4 }), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(commands, fc.array(fc.nat(200)), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encode))
      const reader = new CommandReader()
      const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
      const received = edges.slice(1).flatMap((end, i) => reader.read(bytes.subarray(edges[i], end)))
      expect(received.map((parts) => parts.map((part) => [...part]))).toEqual(
        sent.map((parts) => parts.map((part) => [...part])),
      )
    }),
  )
})

test.each([
  { reply: null, two: '$-1\r\n', three: '_\r\n' },
  { reply: 'OK', two: '+OK\r\n', three: '+OK\r\n' },
  { reply: 3, two: ':3\r\n', three: ':3\r\n' },
  { reply: Buffer.from('ab'), two: '$2\r\nab\r\n', three: '$2\r\nab\r\n' },
  { reply: new RespError('no'), two: '-ERR no\r\n', three: '-ERR no\r\n' },
  { reply: new Map([['a', 1]]), two: '*2\r\n$1\r\na\r\n:1\r\n', three: '%1\r\n$1\r\na\r\n:1\r\n' },
])('the reply $reply is written for both versions', ({ reply, two, three }) => {
  expect([String(writeReply(reply, 2)), String(writeReply(reply, 3))]).toEqual([two, three])
})

test('what is no command is refused', () => {
  expect(() => new CommandReader().read(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow('expected *')
})

test('the redis client reads, writes and deletes through the cache server, and values expire', async () => {
  const program = fileURLToPath(new URL('../../dist/demo/cache-server.js', import.meta.url))
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { port } = JSON.parse(String(line)) as { port: number }
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  expect(await client.get('a')).toBeNull()
  await client.set('a', 'größe')
  await client.set('b', '1', { PX: 20 })
  expect([await client.get('a'), await client.exists(['a', 'x'])]).toEqual(['größe', 1])
  await expect.poll(() => client.get('b')).toBeNull()
  expect([await client.del('a'), await client.get('a')]).toEqual([1, null])
  await expect(client.sendCommand(['NONSENSE'])).rejects.toThrow('unknown command')
  client.destroy()
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
