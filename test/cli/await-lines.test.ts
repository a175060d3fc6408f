import { expect, test } from 'vitest'

import { awaitLines } from '../../src/cli/call/await-lines.ts'
import type { LogStreamStatus } from '../../src/client.ts'

function streamThat(first: LogStreamStatus) {
  const { promise: ended, resolve } = Promise.withResolvers<LogStreamStatus>()
  const stream = {
    status: first,
    ended,
    close: () => Promise.resolve(resolve(stream.status)),
    end: (status: LogStreamStatus) => resolve((stream.status = status)),
  }
  return stream
}

test('waits for the end while lines may come', async () => {
  const said: string[] = []
  const stream = streamThat('open')
  const waited = awaitLines(stream, { remark: (text) => void said.push(text) }, { millis: 1 })
  stream.end('ok')
  expect([await waited, said]).toEqual(['ok', []])
})

test('says that the connection broke, and gives up in time', async () => {
  const said: string[] = []
  const waited = awaitLines(streamThat('unavailable'), { remark: (text) => void said.push(text) }, { millis: 300 })
  expect(await waited).toBe('unavailable')
  expect(said).toEqual([expect.stringContaining('the connection to the lines broke: trying again')])
})

test('goes on when the server is back', async () => {
  const said: string[] = []
  const stream = streamThat('unavailable')
  const waited = awaitLines(
    stream,
    {
      remark: (text) => {
        said.push(text)
        stream.status = 'open'
        setTimeout(() => stream.end('ok'), 500)
      },
    },
    { millis: 200 },
  )
  expect([await waited, said.length]).toEqual(['ok', 1])
})
