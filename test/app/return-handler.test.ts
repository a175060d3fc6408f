/**
 * Lines returned to the caller, direct mode: a real service, real connections. The names of the cases are those of the specification.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { signGrant, type GrantClaims } from '../../src/returning/return-grant.ts'
import { SECRET_TEXTS, SECRETS } from '../fixtures/secrets/secret-texts.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { ask, openStream, readStream, type Reading, type Told } from '../support/return-client.ts'

const KEY = 'a key that the services share: 32 bytes'
const ALL = { scopes: ['logs:all', 'console'], level: 'debug' }
const TOKENS = {
  ann: { sub: 'ann', ...ALL },
  bob: { sub: 'bob', ...ALL },
  plain: { sub: 'plain', level: 'debug' },
  stacks: { sub: 'stacks', scopes: ['logs:all', 'logs:stack'], level: 'debug' },
  infos: { sub: 'infos', scopes: ['logs:all'] },
  ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`caller${n}`, { sub: `caller${n}`, ...ALL }])),
}

interface Service {
  readonly child: RunningChild
  readonly url: string
  readonly base: string
}

let receiver: Receiver
let service: Service

async function startService(
  env: Record<string, string>,
  args: readonly string[] = [],
  nodeArgs: readonly string[] = [],
): Promise<Service> {
  const all = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_SERVICE_NAME: 'shop',
    TRACELOG_RECORDER_LINGER_MS: '50',
  }
  const child = startChild('returning/service.mjs', { env: { ...all, ...env }, args, nodeArgs })
  await child.prints('PORT ')
  const url = `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}`
  return { child, url, base: `${url}/.tracelog/v1` }
}

async function stop({ child }: Service): Promise<void> {
  child.kill('SIGTERM')
  await child.ended
}

beforeAll(async () => {
  receiver = await startReceiver()
  service = await startService(
    { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: KEY, TRACELOG_RETURN_PUBLIC: 'shop.public' },
    [JSON.stringify(TOKENS), 'https://app.example'],
  )
})
afterAll(async () => {
  await stop(service)
  await receiver.close()
})

interface Called extends Reading {
  readonly response: Awaited<ReturnType<typeof ask>>
}

/** Opens, reads, calls; to the end of the stream. */
async function call(
  who: string,
  path: string,
  more: { body?: string; asked?: object; headers?: object } = {},
): Promise<Called> {
  const { base, url } = service
  const { url: stream, grant } = await openStream(base, who, more.asked)
  const read = await readStream(`${base}/${stream}`, who)
  const headers = { 'tracelog-return': grant, ...more.headers }
  const sent = more.body === undefined ? { headers } : { headers, method: 'POST', body: more.body }
  const response = await ask(url + path, sent)
  await read.ended
  return { ...read, response }
}

const messages = (events: readonly Told[]): unknown[] =>
  events
    .filter(({ kind, data }) => kind === 'log' && data['logger'] !== 'tracelog.http')
    .map(({ data }) => data['message'])
const texts = (events: readonly Told[], of: string): unknown[] =>
  events.filter(({ kind }) => kind === of).map(({ data }) => data['text'])

test('R-1: a line arrives while the handler still runs, a level that is off included', async () => {
  const { base, url } = service
  const { url: stream, grant } = await openStream(base, 'ann')
  const read = await readStream(`${base}/${stream}`, 'ann')
  let isAnswered = false
  const answer = ask(`${url}/lines?wait=5000`, { headers: { 'tracelog-return': grant } }).then(
    () => (isAnswered = true),
  )
  await read.sees(({ data }) => data['message'] === 'halfway')
  expect(isAnswered).toBe(false)
  expect(messages(read.events)).toEqual(['looked up', 'found', 'halfway'])
  read.close()
  await answer
})

describe('what a line says', () => {
  test('by default what the code says to its caller, and nothing else', async () => {
    const { events } = await call('plain', '/lines')
    expect(events.map(({ kind }) => kind)).toEqual(['log', 'end'])
    expect(events[0]?.data).toMatchObject({
      message: 'halfway',
      step: 2,
      service: 'shop',
      'tracelog.visibility': 'caller',
    })
  })

  test('a stack only with logs:stack; neither query nor resource', async () => {
    const without = (await call('ann', '/lines?token=1')).events
    const found = (events: readonly Told[]) => events.find(({ data }) => data['message'] === 'went wrong')?.data ?? {}
    expect(found(without)).not.toHaveProperty('error_stack')
    expect(found((await call('stacks', '/lines')).events)).toHaveProperty('error_stack')
    const keys = new Set(without.flatMap(({ data }) => Object.keys(data)))
    expect([...keys].filter((key) => /url\.query|^(?:host|os|process|telemetry)\./.test(key))).toEqual([])
  })

  test('from the higher of the granted and the asked level up', async () => {
    expect(messages((await call('infos', '/lines', { asked: { level: 'debug' } })).events)[0]).toBe('found')
    expect(messages((await call('ann', '/lines', { asked: { level: 'error' } })).events)).toEqual(['went wrong'])
  })

  test('scopes may be asked for, and are never more than granted', async () => {
    const { events } = await call('ann', '/lines', { asked: { scopes: ['logs:public', 'logs:stack'] } })
    expect(messages(events)).toEqual(['halfway'])
  })

  test('R-7: no secret, in a text, a value, or what is printed', async () => {
    const [, , secret = ''] = SECRETS
    const all = SECRET_TEXTS.map((text) => text.replaceAll('<S>', secret))
    const seen: string[] = []
    for (let at = 0; at < all.length; at += 60) {
      const some = all.slice(at, at + 60)
      const { events } = await call('ann', '/say', { body: JSON.stringify(some) })
      expect(events.length).toBeGreaterThan(some.length * 6)
      expect(events.at(-1)?.data).toMatchObject({ dropped: 0 })
      seen.push(
        ...events.filter(({ data }) => JSON.stringify(data).includes(secret)).map(({ data }) => JSON.stringify(data)),
      )
    }
    expect(seen).toEqual([])
  })
})

describe('R-2: who may not is served as if nothing was asked', () => {
  const now = Math.floor(Date.now() / 1_000)
  const CLAIMS: GrantClaims = {
    sub: 'ann',
    aud: 'shop',
    sid: 'A'.repeat(22),
    scopes: ['logs:all'],
    lvl: 5,
    iat: now,
    exp: now + 60,
  }
  const plain = ({ status, text, rawHeaders }: Awaited<ReturnType<typeof ask>>): unknown => {
    const told = rawHeaders.filter(
      (_, at) => !/^(?:date|server-timing|tracelog-dump)$/i.test(rawHeaders[at - (at % 2)] ?? ''),
    )
    return { status, text, told }
  }
  const bare = () => ask(`${service.url}/lines`).then(plain)

  test.each<[string, string]>([
    ['no grant', ''],
    ['another text', 'v1.x.y'],
    ['a stream that there is not', signGrant(CLAIMS, [KEY])],
    ['expired', signGrant({ ...CLAIMS, iat: now - 600, exp: now - 300 }, [KEY])],
    ['for another service', signGrant({ ...CLAIMS, aud: 'bank' }, [KEY])],
    ['signed with another key', signGrant(CLAIMS, ['another key, of thirty-two bytes too'])],
    ['a bearer', signGrant({ ...CLAIMS, sid: undefined } as never, [KEY])],
    ['longer than any grant', `v1.${'A'.repeat(5_000)}.${'B'.repeat(43)}`],
  ])('%s', async (_name, grant) => {
    expect(plain(await ask(`${service.url}/lines`, { headers: { 'tracelog-return': grant } }))).toEqual(await bare())
  })

  test('used before; of another subject', async () => {
    const { id, grant, url } = await openStream(service.base, 'ann')
    const read = await readStream(`${service.base}/${url}`, 'ann')
    const stolen = signGrant({ ...CLAIMS, sub: 'bob', sid: id }, [KEY])
    for (const each of [stolen, grant, grant])
      expect(plain(await ask(`${service.url}/lines`, { headers: { 'tracelog-return': each } }))).toEqual(await bare())
    await read.ended
    expect(messages(read.events).filter((message) => message === 'found')).toHaveLength(1)
  })

  test('a stream is read by who has opened it, or by its grant; another one is none', async () => {
    const { id, grant } = await openStream(service.base, 'ann')
    const other = await openStream(service.base, 'bob')
    const url = `${service.base}/streams/${id}`
    await expect(readStream(url, 'bob')).rejects.toThrow('404')
    await expect(readStream(url, `Bearer ${other.grant}`)).rejects.toThrow('404')
    await expect(readStream(`${service.base}/streams/${'A'.repeat(22)}`, 'ann')).rejects.toThrow('404')
    for (const who of ['ann', `Bearer ${grant}`]) {
      const read = await readStream(url, who)
      expect(read.answer.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
      })
      read.close()
    }
  })

  test('streams are opened by who may, by a bearer that the key has signed, and not by a grant', async () => {
    const { sid: _none, ...bearer } = CLAIMS
    await openStream(service.base, `Bearer ${signGrant({ ...bearer, sub: 'operator' }, [KEY])}`)
    const unknown = await ask(`${service.base}/nothing`, { method: 'POST' })
    for (const who of ['nobody', `Bearer ${signGrant(CLAIMS, [KEY])}`]) {
      const refused = await ask(`${service.base}/streams`, { method: 'POST', headers: { authorization: who } })
      expect(plain(refused)).toEqual(plain(unknown))
    }
  })

  test('a page of another origin needs to be allowed', async () => {
    const open = (origin: string, method = 'POST') =>
      ask(`${service.base}/streams`, { method, headers: { authorization: 'bob', origin } })
    expect((await open('https://evil.example')).status).toBe(404)
    expect((await open('https://evil.example', 'OPTIONS')).status).toBe(404)
    expect((await open('https://app.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
    })
    expect((await open('https://app.example', 'OPTIONS')).status).toBe(204)
    expect((await open(service.url)).headers).not.toHaveProperty('access-control-allow-origin')
  })
})

test("R-3: whoever sends another's traceparent sees his own unit", async () => {
  const trace = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`
  const [victim, attacker] = await Promise.all([
    call('bob', '/prints?id=victim', { headers: { traceparent: trace } }),
    call('ann', '/prints?id=attacker', { headers: { traceparent: trace } }),
  ])
  expect(texts(attacker.events, 'stdout').filter((text) => String(text).includes('victim'))).toEqual([])
  expect(texts(victim.events, 'stdout')).toHaveLength(11)
})

test('R-5: of 100 callers at once each sees its own 21 lines', async () => {
  const all = await Promise.all(Array.from({ length: 100 }, (_, n) => call(`caller${n}`, `/prints?id=${n}`)))
  for (const [n, { events }] of all.entries()) {
    const ten = Array.from({ length: 10 }, (_, line) => `${n} ${line}`)
    expect(texts(events, 'stdout')).toEqual([...ten.map((line) => `out ${line}`), `rest ${n}`])
    expect(texts(events, 'stderr')).toEqual(ten.map((line) => `err ${line}`))
    expect(events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'ok', http_status: 200, dropped: 0 } })
  }
})

test('R-6: a reader that stops loses lines, is told how many, and holds nothing up', async () => {
  const nowhere = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }
  const own = await startService({ TRACELOG_RETURN: 'on', ...nowhere }, [JSON.stringify(TOKENS)], ['--expose-gc'])
  const { base, url } = own
  const { url: stream, grant } = await openStream(base, 'ann', { scopes: ['logs:public'] })
  const read = await readStream(`${base}/${stream}`, 'ann')
  read.answer.pause()
  const flood = async (n: number, headers = {}) =>
    JSON.parse((await ask(`${url}/flood?n=${n}`, { headers })).text) as Record<'kept' | 'resident', number>
  const before = await flood(20_000)
  const after = await flood(100_000, { 'tracelog-return': grant })
  expect(after.kept - before.kept).toBeLessThan(24 * 1024 * 1024)
  expect(after.resident - before.resident).toBeLessThan(24 * 1024 * 1024)
  read.answer.resume()
  const end = await read.ended
  const gone = read.events
    .filter(({ kind }) => kind === 'gap')
    .reduce((sum, { data }) => sum + Number(data['dropped']), 0)
  const lines = read.events.filter(({ kind }) => kind === 'log').length
  expect(gone).toBeGreaterThan(0)
  expect(lines + gone).toBe(100_000)
  expect(end?.data).toMatchObject({ status: 'ok', dropped: gone })
  await stop(own)
})

test('R-8: who comes back after each event gets each of them once', async () => {
  const { base, url } = service
  const { url: stream, grant } = await openStream(base, 'ann')
  await ask(`${url}/prints?id=1`, { headers: { 'tracelog-return': grant } })
  const first = await readStream(`${base}/${stream}`, 'ann')
  await first.ended
  for (const { id } of first.events) {
    const again = await readStream(`${base}/${stream}`, 'ann', id)
    await again.ended
    expect(again.events).toEqual(first.events.slice(id))
  }
})

test('R-11: a 202 with a job behind it is told to the job, then ends', async () => {
  const { events, response } = await call('ann', '/job')
  expect(response.status).toBe(202)
  expect(messages(events)).toEqual(['pack', 'packed 1', 'packed 2', 'packed 3', 'pack'])
  expect(events.at(-1)?.data).toEqual({ status: 'ok', http_status: 202, dropped: 0 })
})

test('who has seen what is told: per call, and how often something was refused', async () => {
  const own = await startService({ TRACELOG_RETURN: 'on' }, [JSON.stringify(TOKENS)])
  const { grant, url } = await openStream(own.base, 'ann')
  const read = await readStream(`${own.base}/${url}`, 'ann')
  await ask(`${own.url}/lines`, { headers: { 'tracelog-return': grant } })
  await ask(`${own.url}/lines`, { headers: { 'tracelog-return': 'nonsense' } })
  await read.ended
  await stop(own)
  const granted = receiver.receivedLogs.filter(({ record }) => record.eventName === 'tracelog.return.granted')
  expect(granted.at(-1)?.record.attributes).toMatchObject({
    'tracelog.return.subject': 'ann',
    'tracelog.return.level': 'debug',
  })
  expect(read.events.map(({ data }) => data['logger'])).not.toContain('tracelog.return')
  expect(receiver.receivedLogs.some(({ record }) => JSON.stringify(record.body).includes('nonsense'))).toBe(false)
})

test('R-12: standard output is put back, unless somebody has put another there meanwhile', async () => {
  const own = await startService({ TRACELOG_RETURN: 'on' }, [JSON.stringify(TOKENS)])
  const stdout = async () => JSON.parse((await ask(`${own.url}/stdout`)).text) as unknown
  const listen = async (path: string) => {
    const { url, grant } = await openStream(own.base, 'ann')
    const read = await readStream(`${own.base}/${url}`, 'ann')
    const during = await stdout()
    await ask(own.url + path, { headers: { 'tracelog-return': grant } })
    await read.ended
    return during
  }
  expect(await stdout()).toEqual({ own: false, isMine: false })
  expect(await listen('/lines')).toEqual({ own: true, isMine: false })
  expect(await stdout()).toEqual({ own: false, isMine: false })
  await listen('/replace')
  expect(await stdout()).toEqual({ own: true, isMine: true })
  await stop(own)
})

test.each([
  ['/forward', 'undefined'],
  ['/forward?flat=1', 'undefined'],
  ['/forward?own=another', 'another'],
])('a grant that a proxy forwards stays here: %s sends %s', async (path, sent) => {
  const headers = { 'tracelog-return': 'v1.some.grant' }
  expect((await ask(service.url + path, { headers })).text).toBe(sent)
})

describe('R-10: off', () => {
  test.each<[string, Record<string, string>, readonly string[], string]>([
    ['by default', {}, [JSON.stringify(TOKENS)], ''],
    ['a key alone', { TRACELOG_RETURN_KEY: KEY }, [], ''],
    [
      'on, and a key file that there is not',
      { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY_FILE: '/nowhere' },
      [],
      'nobody says who may see what',
    ],
    ['on, and nobody authorises', { TRACELOG_RETURN: 'on' }, [], 'nobody says who may see what'],
  ])('%s: there is no such path', async (_name, env, args, said) => {
    const own = await startService(env, args)
    const headers = { authorization: 'ann', 'tracelog-return': 'v1.x.y' }
    const refused = await ask(`${own.base}/streams`, { method: 'POST', headers })
    expect([refused.status, refused.text]).toEqual([404, ''])
    await stop(own)
    expect(own.child.stderr()).toContain(said)
    expect(own.child.stderr().includes('nobody says')).toBe(said !== '')
  })
})
