/**
 * The tail of the local backend against an API that goes away and comes back: nothing twice, nothing left out.
 */
import { describe, expect, test } from 'vitest'

import { rowId } from '../../src/model/log-row.ts'
import { createLocalSource } from '../../src/sources/local.ts'
import type { BackendAddress } from '../../src/sources/backend-client.ts'
import { openEvents, startFakeBackend, TOKEN } from '../cli/fake-backend.ts'
import { logRow } from '../cli/rows.ts'

interface Seen {
  readonly events: readonly string[]
  readonly error: unknown
}

/** Reads until so many records were seen, or an error ends it. */
async function follow(address: BackendAddress, count: number, findAgain?: () => BackendAddress): Promise<Seen> {
  const ended = new AbortController()
  const events: string[] = []
  let records = 0
  try {
    for await (const event of createLocalSource(address, findAgain).tail('', { signal: ended.signal })) {
      events.push(event.kind === 'log' ? rowId(event.row) : event.kind)
      if (event.kind === 'log' && ++records === count) ended.abort()
    }
    return { events, error: undefined }
  } catch (error) {
    return { events, error }
  }
}

const row = (id: number): unknown => logRow({ _id: String(id) })

describe('a tail that is cut', () => {
  test('inside what arrived together is resumed before it, and shows no row twice', async () => {
    const resumed: (string | undefined)[] = []
    await using backend = await startFakeBackend({
      tail: {
        handle(response, { headers }) {
          resumed.push(headers['last-event-id'] as string | undefined)
          const send = openEvents(response)
          if (resumed.length === 1) {
            send('open', {}, '3')
            send('log', row(6))
            send('log', row(4))
            response.end()
          } else {
            send('log', row(6))
            send('log', row(4))
            send('log', row(5), '6')
            send('log', row(4 + 3), '7')
          }
        },
      },
    })
    const { events } = await follow({ api: backend.url, token: TOKEN }, 4)
    expect(events).toEqual(['6', '4', '5', '7'])
    expect(resumed).toEqual([undefined, '3'])
  })

  test('looks again where the backend is, and says once that it is away', async () => {
    const first = await startFakeBackend({
      tail: {
        handle(response) {
          openEvents(response)('log', row(1), '1')
          setImmediate(() => void first.stop())
        },
      },
    })
    let asked = 0
    await using second = await startFakeBackend({
      tail: { handle: (response) => openEvents(response)('log', row(2), '2') },
    })
    const address = { api: first.url, token: TOKEN }
    const findAgain = (): BackendAddress => (++asked < 3 ? address : { api: second.url, token: TOKEN })
    expect((await follow(address, 2, findAgain)).events).toEqual(['1', 'away', 'back', '2'])
  })

  test('by a backend that finds the query wrong afterwards ends with that', async () => {
    let connections = 0
    await using backend = await startFakeBackend({
      tail: () =>
        ++connections === 1
          ? { handle: (response) => void response.writeHead(200).end() }
          : { status: 400, body: { error: { code: 'query_syntax', message: 'wrong', at: 0 } } },
    })
    const { events, error } = await follow({ api: backend.url, token: TOKEN }, 1)
    expect(events).toEqual([])
    expect(error).toMatchObject({ code: 'TRACELOG_QUERY_SYNTAX' })
  })
})
