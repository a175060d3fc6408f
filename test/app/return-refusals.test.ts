/**
 * What may be learned from the outside of a service that returns lines: nothing makes it dial, and how long it takes to refuse says
 * nothing of what there is.
 */
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { signGrant, type GrantClaims } from '../../src/returning/return-grant.ts'
import { ask, openStream } from '../support/return-client.ts'
import { NOWHERE, startReturningService, stopService, type ReturningService } from '../support/returning-service.ts'

const KEY = 'a key that the services share: 32 bytes'
const ALL = { scopes: ['logs:all', 'console'], level: 'debug' }
const TOKENS = JSON.stringify({ ann: { sub: 'ann', ...ALL }, bob: { sub: 'bob', ...ALL } })
const WATCH = fileURLToPath(new URL('../fixtures/returning/watch-outgoing.cjs', import.meta.url))

let service: ReturningService

beforeAll(async () => {
  const env = { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: KEY, ...NOWHERE }
  service = await startReturningService({ env, args: [TOKENS], nodeArgs: ['--require', WATCH] })
})
afterAll(() => stopService(service))

test('R-4: an address in every header, query and body makes it connect to nobody', async () => {
  const sockets: Socket[] = []
  const trap = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
  await once(trap, 'listening')
  onTestFinished(() => void trap.close())
  const { port } = trap.address() as AddressInfo
  const { base, url } = service
  const outgoing = async () => JSON.parse((await ask(`${url}/outgoing`)).text) as unknown
  // It has looked up where it listens.
  const before = await outgoing()
  const { id, grant } = await openStream(base, 'ann')
  const names =
    'referer forwarded x-forwarded-host x-forwarded-for x-forwarded-proto x-original-url x-rewrite-url via from cookie traceparent tracestate baggage last-event-id callback link location tracelog-return tracelog-dump authorization user-agent accept content-location destination'
  for (const address of [`http://127.0.0.1:${port}/x`, `127.0.0.1:${port}`, `http://trap.example:${port}/`]) {
    const headers = Object.fromEntries(names.split(' ').map((name) => [name, address]))
    const query = `?url=${encodeURIComponent(address)}&level=${encodeURIComponent(address)}&scopes=${encodeURIComponent(address)}`
    const body = JSON.stringify({ level: address, scopes: [address], url: address, callback: address, sid: address })
    const json = { 'content-type': 'application/json' }
    for (const more of [{}, { authorization: 'ann' }, { host: `trap.example:${port}` }, { origin: address }]) {
      const sent = { ...headers, ...json, ...more }
      await ask(`${base}/streams${query}`, { method: 'POST', headers: sent, body })
      await ask(`${base}/streams/${encodeURIComponent(address)}${query}`, { headers: sent })
      await ask(`${url}/lines${query}`, { method: 'POST', headers: sent, body })
    }
    // Of a stream that there is, with a grant that is good.
    const opened = await ask(`${base}/streams${query}`, {
      method: 'POST',
      headers: { ...headers, ...json, authorization: 'bob', host: `trap.example:${port}` },
      body,
    })
    expect(opened.status).toBe(201)
    expect(JSON.parse(opened.text)).toMatchObject({ url: expect.stringMatching(/^streams\/[\w-]{22}$/) as string })
    expect(opened.text).not.toContain(String(port))
    await ask(`${url}/lines${query}`, {
      method: 'POST',
      headers: { ...headers, ...json, 'tracelog-return': grant },
      body,
    })
  }
  expect(id).toMatch(/^[\w-]{22}$/)
  expect(await outgoing()).toEqual(before)
  expect(sockets).toEqual([])
})

/** How long an answer takes to come, one after another on one connection. Milliseconds. */
function createClock(): (path: string, headers: Record<string, string>, method?: string) => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return (path, headers, method = 'GET') =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const sent = request(service.url + path, { agent, headers, method }, (answer) => {
        const took = performance.now() - began
        answer.resume().on('end', () => resolve(took))
      })
      sent.on('error', reject)
      sent.end()
    })
}

/** How often one of the first takes longer than one of the others: 0.5 where nothing tells them apart, 0 or 1 where each one does. */
function tellsApart(some: readonly number[], others: readonly number[]): number {
  let longer = 0
  for (const one of some) for (const other of others) longer += one > other ? 1 : one === other ? 0.5 : 0
  return longer / (some.length * others.length)
}

/** Of so many the measure is within 0.1 of what it is, three times out of a thousand not. */
const ROUNDS = 150

describe('how long a refusal takes says nothing', () => {
  const now = Math.floor(Date.now() / 1_000)
  const CLAIMS: GrantClaims = {
    sub: 'ann',
    aud: 'shop',
    sid: 'A'.repeat(22),
    scopes: ['logs:all'],
    lvl: 5,
    iat: now,
    exp: now + 600,
  }

  async function measured(kinds: Readonly<Record<string, () => Promise<number>>>): Promise<Map<string, number[]>> {
    const taken = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]))
    // In turns, and each time from another one on: what disturbs disturbs all.
    const names = Object.keys(kinds)
    for (let round = -20; round < ROUNDS; round++) {
      for (let at = 0; at < names.length; at++) {
        const name = names[(at + Math.abs(round)) % names.length] ?? ''
        const took = (await kinds[name]?.()) ?? 0
        if (round >= 0) taken.get(name)?.push(took)
      }
    }
    return taken
  }

  /** The first against each of the others. */
  async function expectAlike(kinds: Readonly<Record<string, () => Promise<number>>>): Promise<void> {
    const [[, base = []] = [], ...others] = await measured(kinds)
    const told = others.map(([name, times]) => [name, tellsApart(times, base)] as const)
    expect(told.filter(([, share]) => share < 0.25 || share > 0.75)).toEqual([])
  }

  test('of a grant: whether it is signed, for whom, of a stream that there is', async () => {
    const clock = createClock()
    const { id } = await openStream(service.base, 'bob')
    const call = (grant: string) => () => clock('/seen', { 'tracelog-return': grant })
    const grants = {
      'signed, of a stream that there is not': signGrant(CLAIMS, [KEY]),
      'of another subject': signGrant({ ...CLAIMS, sid: id }, [KEY]),
      tampered: signGrant(CLAIMS, ['another key, of thirty-two bytes too']),
      expired: signGrant({ ...CLAIMS, iat: now - 600, exp: now - 300 }, [KEY]),
      'for another service': signGrant({ ...CLAIMS, aud: 'bank' }, [KEY]),
    }
    await expectAlike(Object.fromEntries(Object.entries(grants).map(([name, grant]) => [name, call(grant)])))
  })

  test('of a stream: whether there is one', async () => {
    const clock = createClock()
    const { id } = await openStream(service.base, 'bob')
    const { grant } = await openStream(service.base, 'ann')
    const none = 'A'.repeat(22)
    const read = (of: string, authorization: string) => () => clock(`/.tracelog/v1/streams/${of}`, { authorization })
    for (const who of ['ann', 'nobody', `Bearer ${grant}`])
      await expectAlike({ none: read(none, who), "another one's": read(id, who) })
  })
})
