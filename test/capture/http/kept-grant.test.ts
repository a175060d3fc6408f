/**
 * What a proxy forwards of its caller's grant: nothing, by whichever client it asks, and what it sends of its own goes on.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../../support/child.ts'
import { libraryProgram } from '../../support/libraries.ts'
import { ask } from '../../support/return-client.ts'

const GRANT = 'v1.some.grant'
const NOWHERE = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }
const WAYS = [
  'http',
  'http-list',
  'fetch',
  'undici',
  'undici-list',
  'undici-http2',
  'http2',
  'grpc',
  'http-proxy',
  'http-proxy-middleware',
]
const CLIENTS = WAYS.filter((way) => !way.startsWith('http-proxy'))

const fronts: RunningChild[] = []

async function startFront(env: Record<string, string>): Promise<string> {
  const child = startChild(libraryProgram('proxies/forwards.cjs', 'newest'), { env: { ...NOWHERE, ...env } })
  fronts.push(child)
  await child.prints('PORT ')
  return `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}`
}

afterAll(async () => {
  for (const child of fronts) child.kill('SIGTERM')
  await Promise.all(fronts.map(({ ended }) => ended))
})

const arrived = async (url: string, headers: Record<string, string> = { 'tracelog-return': GRANT }) =>
  (await ask(url, { headers })).text

describe('lines are returned', () => {
  let front: string
  beforeAll(async () => {
    front = await startFront({ TRACELOG_RETURN: 'on', TRACELOG_IGNORE_PATHS: '/quiet/*' })
  })

  test.each(WAYS)('%s does not pass it on', async (way) => {
    expect(await arrived(`${front}/${way}`)).toBe('undefined')
  })

  test.each(CLIENTS)('%s sends one of its own', async (way) => {
    expect(await arrived(`${front}/${way}?own=v1.own.grant`)).toBe('v1.own.grant')
  })

  test.each(CLIENTS)('%s does not pass it on when the call is answered', async (way) => {
    await arrived(`${front}/${way}?late=1`)
    expect(await arrived(`${front}/late`, {})).toBe('undefined')
  })

  test.each(WAYS)('%s does not pass it on from a path that is not recorded', async (way) => {
    expect(await arrived(`${front}/quiet/${way}`)).toBe('undefined')
  })
})

test('where no lines are returned it is a header as any other', async () => {
  const front = await startFront({})
  for (const way of WAYS) expect([way, await arrived(`${front}/${way}`)]).toEqual([way, GRANT])
})
