import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { expect, onTestFinished, test } from 'vitest'

import { createLineSender } from '../../../src/cli/access-log/line-sender.ts'

/** Answers the requests with these statuses, one after the other, then 200; keeps the lines of those with 200. */
async function startBackend(statuses: number[] = [], answer = '{}') {
  const kept: string[] = []
  const requests: { url: string | undefined; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const status = statuses.shift() ?? 200
      requests.push({ url: request.url, authorization: request.headers.authorization })
      if (status === 200) kept.push(...body.split('\n'))
      response.writeHead(status, { location: '/elsewhere' }).end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, kept, requests }
}

const LINES = Array.from({ length: 2_500 }, (_, n) => `{"kind":"nginx","n":${n}}`)

test('all lines are delivered once and in order, when the backend is away for a moment too', async () => {
  const backend = await startBackend([503, 429])
  const sender = createLineSender({ endpoint: backend.endpoint, kind: 'nginx', service: 'edge & co' })
  for (const line of LINES) sender.send(line)
  await sender.stop()
  expect(backend.kept).toEqual(LINES)
  expect(backend.requests[0]).toEqual({ url: '/v1/lines?kind=nginx&service=edge+%26+co', authorization: undefined })
})

test.each([400, 307])('what is refused with %i is not sent again; the next lines are', async (status) => {
  const backend = await startBackend([status])
  const sender = createLineSender({ endpoint: backend.endpoint, kind: 'nginx', service: 'edge', token: 'secret' })
  sender.send('bad')
  await expect.poll(() => backend.requests).toMatchObject([{ authorization: 'Bearer secret' }])
  sender.send('good')
  await sender.stop()
  expect(backend.kept).toEqual(['good'])
  expect(backend.requests).toHaveLength(2)
})

test('an answer that cannot be read is one: nothing is sent twice', async () => {
  const backend = await startBackend([], '<html>ok</html>')
  const sender = createLineSender({ endpoint: backend.endpoint, kind: 'nginx', service: 'edge' })
  sender.send('once')
  await sender.stop()
  expect(backend.kept).toEqual(['once'])
})

test.each([
  // Two million characters are one request: the oldest of those go first.
  { what: 'long lines', line: 'x'.repeat(65_536), count: 1_100 },
  { what: 'many lines', line: 'x', count: 100_500 },
])('of $what that wait for the backend the oldest go, so that memory is bounded', async ({ line, count }) => {
  const backend = await startBackend()
  const sender = createLineSender({ endpoint: backend.endpoint, kind: 'nginx', service: 'edge' })
  for (let n = 0; n < count; n += 1) sender.send(`${n} ${line}`)
  await sender.stop()
  const numbers = backend.kept.map((kept) => Number(kept.split(' ', 1)[0]))
  expect(numbers.at(-1)).toBe(count - 1)
  expect(numbers).toEqual(numbers.map((_, at) => count - numbers.length + at))
  expect(numbers.length).toBeLessThan(count)
  expect(numbers.length).toBeGreaterThan(count - 1_100)
})
