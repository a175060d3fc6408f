/**
 * Streams of returned lines in the backend, over its real ports: who may open and read them, and what services put into them.
 */
import { describe, expect, test } from 'vitest'

import { signGrant, readGrant, streamMark, type GrantClaims } from '../../src/returning/return-grant.ts'
import { sendLogs, type SentRecord } from '../support/otlp-send.ts'
import { ask, openStream, readStream } from '../support/return-client.ts'
import { send, startTestBackend, type TestBackend } from './support/backend.ts'

const KEYS = ['a key that the services share: 32 bytes']

function bearer(claims: Partial<GrantClaims> = {}, keys = KEYS): string {
  const iat = Math.floor(Date.now() / 1_000)
  const all = { sub: 'ann', aud: '*', scopes: ['logs:all', 'console'], lvl: 5, iat, exp: iat + 60, ...claims }
  return `Bearer ${signGrant(all as GrantClaims, keys)}`
}

const baseOf = ({ ready }: TestBackend): string => `${ready.api}/api/v1/return`
const start = () => startTestBackend({ returning: { keys: KEYS } })

function lineFor(stream: string, body: string, attributes = {}, eventName = ''): SentRecord {
  return { body, eventName, attributes: { 'tracelog.return.stream': streamMark(stream, KEYS), ...attributes } }
}

describe('a stream', () => {
  test('is opened with a bearer, read with its grant, and tells what services say, to the end', async () => {
    const backend = await start()
    const { id, url, grant, expires_at: expires } = await openStream(baseOf(backend), bearer(), { level: 'info' })
    const claims = readGrant(grant, { keys: KEYS, nowMillis: Date.now(), audience: 'any' })
    expect(claims).toMatchObject({ sid: id, sub: 'ann', aud: '*', lvl: 9, isRelayed: true, hop: 0 })
    expect(Date.parse(expires)).toBeGreaterThan(Date.now())
    const reading = await readStream(`${baseOf(backend)}/${url}`, `Bearer ${grant}`)
    expect(reading.answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })

    const options = { url: backend.ready.otlp_http }
    const unit = { 'tracelog.return.unit': 'a', 'tracelog.return.hop': 0 }
    expect(
      await sendLogs([lineFor(id, '', unit, 'tracelog.return.bound')], { ...options, scopeName: 'tracelog.return' }),
    ).toBe(200)
    await sendLogs([lineFor(id, 'found', { password: 'hunter2hunter2' })], options)
    await sendLogs([lineFor(id, 'printed', { 'log.iostream': 'stderr' }, 'tracelog.return.output')], {
      ...options,
      scopeName: 'tracelog.return',
    })
    await reading.sees(({ kind }) => kind === 'stderr')
    await sendLogs([lineFor(id, '', { ...unit, 'http.response.status_code': 201 }, 'tracelog.return.over')], {
      ...options,
      scopeName: 'tracelog.return',
    })
    await reading.ended
    expect(reading.events).toMatchObject([
      { id: 1, kind: 'log', data: { message: 'found', service: 'shop', password: '[redacted]' } },
      { id: 2, kind: 'stderr', data: { text: 'printed' } },
      { id: 3, kind: 'end', data: { status: 'ok', http_status: 201, dropped: 0 } },
    ])
    // Lines are kept like others; what was for the stream alone is not.
    expect(backend.stages.bodies()).toEqual(['found'])
    // Who comes again goes on where it was.
    const again = await readStream(`${baseOf(backend)}/${url}`, bearer(), 2)
    await again.ended
    expect(again.events).toMatchObject([{ id: 3, kind: 'end' }])
  })

  test('goes to its own reader alone', async () => {
    const backend = await start()
    const [one, other] = await Promise.all(['ann', 'bob'].map((sub) => openStream(baseOf(backend), bearer({ sub }))))
    const reading = await readStream(`${baseOf(backend)}/${other!.url}`, `Bearer ${other!.grant}`)
    await sendLogs([lineFor(one!.id, "ann's"), lineFor(other!.id, "bob's")], { url: backend.ready.otlp_http })
    await reading.sees(({ data }) => data['message'] === "bob's")
    expect(reading.events.length).toBe(1)
    reading.close()
  })
})

describe('who may not is told what one is told who asks for what there is not', () => {
  const shown = ({ status, headers, text }: Awaited<ReturnType<typeof ask>>): unknown => {
    const { date: _date, ...others } = headers
    return { status, others, text }
  }

  test.each<[string, string | undefined]>([
    ['nothing to show', undefined],
    ['a bearer of another key', bearer({}, ['another key, of thirty-two bytes too'])],
    ['a bearer for one service alone', bearer({ aud: 'shop' })],
    ['a bearer that is over', bearer({ iat: 1_000, exp: 1_060 })],
    ['a grant of a stream', bearer({ sid: 'A'.repeat(22) })],
    ["the backend's token", 'TOKEN'],
  ])('opening: %s', async (_name, authorization) => {
    const backend = await start()
    const shows = authorization === 'TOKEN' ? `Bearer ${backend.ready.token}` : authorization
    const options = {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', ...(shows && { authorization: shows }) },
    }
    const [answer, nothing] = [
      await ask(`${baseOf(backend)}/streams`, options),
      await ask(`${baseOf(backend)}/strains`, options),
    ]
    expect(shown(answer)).toEqual(shown(nothing))
  })

  test('reading: a stream of another subject, one that there is not, a grant of another one', async () => {
    const backend = await start()
    const [mine, theirs] = await Promise.all(['ann', 'bob'].map((sub) => openStream(baseOf(backend), bearer({ sub }))))
    const read = (id: string, authorization: string) =>
      ask(`${baseOf(backend)}/streams/${id}`, { headers: { authorization } })
    const answers = [
      await read(theirs!.id, bearer()),
      await read('A'.repeat(22), bearer()),
      await read(theirs!.id, `Bearer ${mine!.grant}`),
      await read('../status', bearer()),
      await read(`${theirs!.id}x`, bearer()),
    ]
    expect(new Set(answers.map((answer) => JSON.stringify(shown(answer)))).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
  })

  test('off: no path is another one', async () => {
    const backend = await startTestBackend()
    const answers = await Promise.all(
      ['streams', 'strains'].map((path) =>
        ask(`${baseOf(backend)}/${path}`, { method: 'POST', headers: { authorization: bearer() } }),
      ),
    )
    expect(shown(answers[0]!)).toEqual(shown(answers[1]!))
  })

  test('a page of another origin, a foreign Host: as for all of the API', async () => {
    const backend = await start()
    for (const headers of [{ origin: 'https://evil.example' }, { host: 'evil.example' }]) {
      const options = { method: 'POST', headers: { authorization: bearer(), ...headers } }
      expect((await send(`${baseOf(backend)}/streams`, options)).status).toBe(403)
    }
  })
})

test('a subject has five streams at once; how many were refused is in the status', async () => {
  const backend = await start()
  for (let n = 0; n < 5; n++) await openStream(baseOf(backend), bearer())
  await expect(openStream(baseOf(backend), bearer())).rejects.toThrow('401')
  const { token, api } = backend.ready
  const status = await ask(`${api}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } })
  expect(JSON.parse(status.text)).toMatchObject({ returned: { streams: 5, refused: { too_many: 1 } } })
})

test('a backend that stops ends its readers', async () => {
  const backend = await start()
  const { url, grant } = await openStream(baseOf(backend), bearer())
  const reading = await readStream(`${baseOf(backend)}/${url}`, `Bearer ${grant}`)
  await backend.stop()
  expect(await reading.ended).toMatchObject({ kind: 'end', data: { status: 'expired' } })
})

test('without keys it says so once, and nobody opens a stream', async () => {
  const backend = await startTestBackend({ returning: { keys: [] } })
  await expect(openStream(baseOf(backend), bearer())).rejects.toThrow('401')
})
