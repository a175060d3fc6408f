/**
 * Lines returned to the caller, relayed: `tracelog dev`, the demo's load balancer, two instances behind it and a service behind those,
 * all real processes. The names of the cases are those of the specification.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readGrant, signGrant, type GrantClaims } from '../../src/returning/return-grant.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { ask, openStream, readStream, type Reading, type Told } from '../support/return-client.ts'

const KEY = 'a key that the services share: 32 bytes'
const RETURN = { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: KEY }
const BALANCER = new URL('../../dist/demo/load-balancer.js', import.meta.url).pathname

function bearer(claims: Partial<GrantClaims> = {}): string {
  const iat = Math.floor(Date.now() / 1_000)
  const all: GrantClaims = { sub: 'ann', aud: '*', scopes: ['logs:all', 'console'], lvl: 5, iat, exp: iat + 600 }
  return `Bearer ${signGrant({ ...all, ...claims }, [KEY])}`
}

const started: RunningChild[] = []
let backend: DevBackend
let base: string
/** The balancer, and the two instances behind it. */
let front: string
let instances: readonly string[]
let direct: Promise<Told | undefined>

async function start(program: string, service: string, env: Record<string, string>): Promise<string> {
  const all = {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint,
    ...RETURN,
    TRACELOG_RECORDER_LINGER_MS: '50',
  }
  const child = startChild(program, { env: { ...all, ...env } })
  started.push(child)
  const says = program === BALANCER ? '"port":' : 'PORT '
  await child.prints(says)
  return `http://127.0.0.1:${/(?:PORT |"port":)(\d+)/.exec(child.stdout())?.[1]}`
}

const upstreams = (urls: readonly string[]): Record<string, string> => ({
  PORT: '0',
  UPSTREAMS: urls.map((url) => url.slice('http://'.length)).join(','),
})

beforeAll(async () => {
  backend = await startDevBackend(RETURN)
  base = `${backend.api}/api/v1/return`
  const stock = await start('returning/chain.mjs', 'stock', {})
  instances = await Promise.all([1, 2].map(() => start('returning/chain.mjs', 'shop', { NEXT: stock })))
  front = await start(BALANCER, 'lb', upstreams(instances))
  // It takes half a minute: begun here, and awaited by the last case.
  direct = callDirect()
})
afterAll(async () => {
  for (const child of started) child.kill('SIGTERM')
  await Promise.all(started.map(({ ended }) => ended))
  await backend.stop()
})

interface Called extends Reading {
  readonly response: Awaited<ReturnType<typeof ask>>
}

/** Opens, reads, calls; to the end of the stream. */
async function call(
  path: string,
  { claims = {}, headers = {} }: { claims?: Partial<GrantClaims>; headers?: object } = {},
): Promise<Called> {
  const { url, grant } = await openStream(base, bearer(claims))
  const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
  const response = await ask(front + path, { headers: { 'tracelog-return': grant, ...headers } })
  await reading.ended
  return { ...reading, response }
}

const said = (events: readonly Told[], of = 'log'): string[] =>
  events
    .filter(({ kind, data }) => kind === of && data['event'] === undefined)
    .map(({ data }) => String(data['message'] ?? data['text']).trim())
const ofServices = (texts: readonly string[]): string[] =>
  texts.filter((text) => /^(?:shop|stock) /.test(text)).toSorted()

const WORK = ['shop is done', 'shop looks', 'shop tells', 'stock is done', 'stock looks', 'stock tells']

test.each(['http', 'fetch'])('R-13: all lines of all services that the call reached, asked over %s', async (way) => {
  const { events, response } = await call(`/work?way=${way}`)
  expect(response).toMatchObject({ status: 200, text: 'shop stock' })
  expect(ofServices(said(events))).toEqual(WORK)
  expect(ofServices(said(events, 'stdout'))).toEqual(['shop prints', 'stock prints'])
  expect(new Set(events.map(({ data }) => data['service']))).toEqual(new Set(['lb', 'shop', 'stock', undefined]))
  expect(events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'ok', http_status: 200, dropped: 0 } })
  expect(JSON.stringify(events)).not.toContain('hunter2')
  expect(events.map(({ id }) => id)).toEqual(events.map((_, n) => n + 1))
})

test('R-13: callers at once, over both instances, each with its own lines alone', async () => {
  const calls = await Promise.all(
    Array.from({ length: 12 }, (_, n) => call(`/work?id=${n}`, { claims: { sub: `caller${n}` } })),
  )
  calls.forEach(({ events }, n) => {
    expect(ofServices(said(events))).toEqual(WORK.map((text) => `${text} ${n}`))
    expect(ofServices(said(events, 'stdout'))).toEqual([`shop prints ${n}`, `stock prints ${n}`])
  })
})

test('R-1: a line arrives while the handler still runs, of the service behind, at a level that is off', async () => {
  const { url, grant } = await openStream(base, bearer())
  const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
  let isAnswered = false
  const answer = ask(`${front}/work?wait=5000`, { headers: { 'tracelog-return': grant } }).then(
    () => (isAnswered = true),
  )
  await reading.sees(({ data }) => String(data['message']).startsWith('stock looks'))
  expect(isAnswered).toBe(false)
  reading.close()
  await answer
})

test('R-3: who sends the trace of another call sees his own call alone', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const [victim, attacker] = await Promise.all([
    call('/work?id=victim', { headers: { traceparent } }),
    call('/work?id=attacker', { headers: { traceparent }, claims: { sub: 'eve' } }),
  ])
  expect(ofServices(said(victim.events))).toEqual(WORK.map((text) => `${text} victim`))
  expect(ofServices(said(attacker.events))).toEqual(WORK.map((text) => `${text} attacker`))
})

test('R-11: a job behind a 202 is told to its end, with what it asks of others', async () => {
  const { events, response } = await call('/job')
  expect(response.status).toBe(202)
  expect(ofServices(said(events))).toEqual([
    'shop packed 1',
    'shop packed 2',
    'shop packed 3',
    'stock is done',
    'stock looks',
    'stock tells',
  ])
  expect(events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'ok', http_status: 202 } })
})

test('how the call has failed is how the stream ends', async () => {
  const { events } = await call('/fails')
  expect(events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'error', http_status: 500 } })
})

describe('what may be seen', () => {
  test('by scope and level, in each service', async () => {
    const { events } = await call('/work', { claims: { scopes: ['logs:public'], lvl: 9 } })
    expect(said(events).toSorted()).toEqual(['shop tells', 'stock tells'])
  })
})

describe('what the next service is shown', () => {
  test.each(['http', 'fetch'])('over %s: a grant of its own for the same stream, with no more rights', async (way) => {
    const { grant } = await openStream(base, bearer())
    const [instance = ''] = instances
    const shown = await ask(`${instance}/next-header?way=${way}`, { headers: { 'tracelog-return': grant } })
    const check = { keys: [KEY], nowMillis: Date.now() }
    const [own, derived] = [readGrant(grant, check), readGrant(shown.text, check)] as GrantClaims[]
    expect(shown.text).not.toBe(grant)
    expect(derived).toEqual({ ...own, hop: 1, iat: derived?.iat, jti: derived?.jti })
    expect(derived?.jti).not.toBe(own?.jti)
  })

  test('nothing, where it is not trusted, or nothing is returned', async () => {
    const untrusting = await start('returning/chain.mjs', 'shop', {
      NEXT: instances[0] ?? '',
      TRACELOG_TRUSTED_PEERS: '192.0.2.1',
    })
    const { grant } = await openStream(base, bearer())
    const header = async (headers: Record<string, string>): Promise<string> =>
      (await ask(`${untrusting}/next-header`, { headers })).text
    expect(await header({ 'tracelog-return': grant })).toBe('undefined')
    expect(await header({})).toBe('undefined')
  })
})

test('a grant is for one call of a service: shown again, it binds nothing', async () => {
  const { url, grant } = await openStream(base, bearer())
  const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
  const [instance = ''] = instances
  const headers = { 'tracelog-return': grant }
  const answers = [await ask(`${instance}/work?id=1`, { headers }), await ask(`${instance}/work?id=2`, { headers })]
  expect(answers.map(({ text }) => text)).toEqual(['shop stock', 'shop stock'])
  await reading.ended
  expect(ofServices(said(reading.events))).toEqual(WORK.map((text) => `${text} 1`))
})

describe('a service that is ended by a signal ends the stream', () => {
  /** Alone, with its default linger. */
  async function startAlone(): Promise<{ readonly child: RunningChild; readonly at: string }> {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint, ...RETURN }
    const child = startChild('returning/chain.mjs', { env })
    started.push(child)
    await child.prints('PORT ')
    return { child, at: `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}` }
  }

  test('while it works: as a failure', async () => {
    const { child, at } = await startAlone()
    const { url, grant } = await openStream(base, bearer())
    const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
    const answer = ask(`${at}/work?wait=600000`, { headers: { 'tracelog-return': grant } }).catch(() => undefined)
    await reading.sees(({ data }) => String(data['message']).startsWith('shop looks'))
    child.kill('SIGTERM')
    await answer
    await reading.ended
    expect(reading.events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'error' } })
  })

  test('after its answer, while later lines are waited for: as it was answered', async () => {
    const { child, at } = await startAlone()
    const { url, grant } = await openStream(base, bearer())
    const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
    await ask(`${at}/work`, { headers: { 'tracelog-return': grant } })
    child.kill('SIGTERM')
    await reading.ended
    expect(reading.events.at(-1)).toMatchObject({ kind: 'end', data: { status: 'ok', http_status: 200 } })
  })
})

test('the operator sees which records the caller was sent, and nothing of what was for the stream alone', async () => {
  const { events } = await call('/work?id=shown')
  const traceId = String(events.find(({ data }) => data['trace_id'])?.data['trace_id'])
  const { out: stdout } = await backend.run(['query', `trace_id:${traceId}`, '--json', '--limit', '100'])
  const rows = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const sent = rows.filter((row) => row['tracelog.return.sent'] === true).map((row) => String(row['message']))
  expect(ofServices(sent)).toEqual(WORK.map((text) => `${text} shown`))
  const all = await backend.run(['query', 'logger:tracelog.return', '--json', '--limit', '100'])
  expect(all.out).not.toMatch(/tracelog\.return\.(?:bound|output|over)/)
})

/** A stream of one instance, and a call that the balancer gives to the other one. */
async function callDirect(): Promise<Told | undefined> {
  const tokens = JSON.stringify({ ann: { sub: 'ann', scopes: ['logs:all', 'console'], level: 'debug' } })
  const both = await Promise.all([1, 2].map(() => startDirect(tokens)))
  const balancer = await start(BALANCER, 'lb', { ...upstreams(both), TRACELOG_RETURN: 'off' })
  const here = `${balancer}/.tracelog/v1`
  const { url, grant } = await openStream(here, 'ann')
  const reading = await Promise.any(both.map((instance) => readStream(`${instance}/.tracelog/v1/${url}`, 'ann')))
  await ask(`${balancer}/lines`, { headers: { 'tracelog-return': grant } })
  await reading.ended
  return reading.events.length === 1 ? reading.events[0] : undefined
}

async function startDirect(tokens: string): Promise<string> {
  const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint, ...RETURN }
  const child = startChild('returning/service.mjs', { env, args: [tokens] })
  started.push(child)
  await child.prints('PORT ')
  return `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}`
}

test('R-13: direct, a stream of another instance stays unbound, and has no line of anybody', async () => {
  expect(await direct).toMatchObject({ kind: 'end', data: { status: 'unbound', dropped: 0 } })
}, 60_000)

test('R-9: the backend is killed: the call is served all the same, and its lines are no longer there', async () => {
  const { url, grant } = await openStream(base, bearer())
  const reading = await readStream(`${base}/${url}`, `Bearer ${grant}`)
  const answer = ask(`${front}/work?wait=1000`, { headers: { 'tracelog-return': grant } })
  await reading.sees(({ data }) => String(data['message']).startsWith('shop looks'))
  await backend.kill()
  expect(await reading.ended).not.toMatchObject({ kind: 'end' })
  expect(await answer).toMatchObject({ status: 200, text: 'shop stock' })
  await expect(openStream(base, bearer())).rejects.toThrow('ECONNREFUSED')
  expect((await ask(`${front}/work`, { headers: { 'tracelog-return': grant } })).status).toBe(200)
})
