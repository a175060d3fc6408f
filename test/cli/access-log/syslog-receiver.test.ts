import { once } from 'node:events'
import { createConnection } from 'node:net'

import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { createFrameReader, startSyslogReceiver } from '../../../src/cli/access-log/syslog-receiver.ts'

const framed = (message: string): Buffer => Buffer.from(`${Buffer.byteLength(message)} ${message}`)

test('messages are those that were sent, however they are cut into chunks', () => {
  const message = fc.string({ unit: fc.constantFrom('a', '7', ' ', '\n', 'é', '😀'), minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 6 }), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(framed))
      const seen: string[] = []
      const take = createFrameReader((text) => seen.push(text))
      let from = 0
      for (const cut of [...cuts.map((n) => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
        expect(take(bytes.subarray(from, cut))).toBe(true)
        from = cut
      }
      expect(seen).toEqual(messages)
    }),
  )
})

test.each(['GET / HTTP/1.1\r\n\r\n', '<134>1 no octet counting', '999999 x', '12345678'])('%j is refused', (text) => {
  const seen: string[] = []
  expect(createFrameReader((message) => seen.push(message))(Buffer.from(text))).toBe(false)
  expect(seen).toEqual([])
})

test('a sender that speaks something else is disconnected, the next one is heard', async () => {
  const seen: string[] = []
  const receiver = await startSyslogReceiver((message) => seen.push(message))
  onTestFinished(() => receiver.stop())
  const port = Number(receiver.address.split(':')[1])
  const stranger = createConnection(port, '127.0.0.1', () => void stranger.write('GET / HTTP/1.1\r\n\r\n'))
  stranger.on('error', () => {})
  await once(stranger, 'close')
  const sender = createConnection(
    port,
    '127.0.0.1',
    () => void sender.end(framed('<134>1 - - - - - - {"kind":"haproxy"}')),
  )
  await receiver.connected
  await expect.poll(() => seen).toEqual(['<134>1 - - - - - - {"kind":"haproxy"}'])
})
