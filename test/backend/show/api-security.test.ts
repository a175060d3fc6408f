import { describe, expect, test } from 'vitest'

import { loadPage } from '../../../src/backend/page.ts'
import { apiRoutes } from '../../../src/backend/show/api-routes.ts'
import { pageRoutes } from '../../../src/backend/show/page-routes.ts'
import { TailClients } from '../../../src/backend/show/tail.ts'
import { send, type SendOptions, startTestBackend } from '../support/backend.ts'
import { logRow, memoryStages, tree } from '../support/memory-store.ts'

const { query } = memoryStages()
/** What a path cannot be asked without. */
const NEEDED: Readonly<Record<string, string>> = { '/api/v1/diff': `?a=${tree.trace_id}&b=${tree.trace_id}` }
const routes = [
  ...apiRoutes({ query, tails: new TailClients(), status: async () => ({}) }),
  ...pageRoutes({ query, ...loadPage() }),
].map(({ method, path, kind }) => ({
  method,
  kind,
  path: path.replace(':id', path.includes('/logs/') ? logRow._id : tree.trace_id) + (NEEDED[path] ?? ''),
}))
const closed = routes.filter(({ kind }) => kind !== 'asset')

const SQL = '{"sql":"select 1"}'

/** What a rightful client would send to that route. */
function rightful(method: string, token: string): SendOptions {
  const headers = { authorization: `Bearer ${token}` }
  if (method === 'DELETE') return { method, headers }
  return method === 'GET'
    ? { headers }
    : { method, headers: { ...headers, 'content-type': 'application/json' }, body: SQL }
}

describe.each(routes)('$method $path', ({ method, path }) => {
  test.each([
    { what: 'a foreign Host', headers: { host: 'evil.example' } },
    { what: 'a Host that only begins like ours', headers: { host: 'localhost.evil.example:4330' } },
    { what: 'a Host without a name', headers: { host: ':4330' } },
    { what: 'a foreign Origin', headers: { origin: 'https://evil.example' } },
    { what: 'another port of localhost as Origin', headers: { origin: 'http://localhost:3000' } },
    { what: 'the Origin of a sandbox', headers: { origin: 'null' } },
    { what: 'another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { what: 'the same site on another port', headers: { 'sec-fetch-site': 'same-site' } },
  ])('is closed to $what, even with the token', async ({ headers }) => {
    const { ready } = await startTestBackend()
    const options = rightful(method, ready.token)
    const answer = await send(ready.api + path, { ...options, headers: { ...options.headers, ...headers } })
    expect(answer.status).toBe(403)
    expect(String(answer.body)).not.toContain(ready.token)
  })

  test('allows no other origin, no framing, no inline script, no sniffing, no cache', async () => {
    const { ready } = await startTestBackend()
    const isTail = path.endsWith('/tail')
    const options = rightful(method, isTail ? 'wrong-token' : ready.token)
    const { headers, status } = await send(ready.api + path, options)
    expect(status).toBe(isTail ? 401 : 200)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
  })

  test('answers no other method', async () => {
    const { ready } = await startTestBackend()
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((other) => other !== method)
    const answers = await Promise.all(
      methods.map((other) => send(ready.api + path, { ...rightful('GET', ready.token), method: other })),
    )
    expect(answers.map((answer) => answer.status)).toEqual(methods.map(() => 405))
    expect(answers[0]?.headers['allow']).toContain(method)
  })
})

describe.each(routes.filter(({ kind }) => kind !== 'asset'))('$method $path', ({ method, path }) => {
  test.each([
    { what: 'no token', headers: {} },
    { what: 'a wrong token', headers: { authorization: 'Bearer wrong-token' } },
    { what: 'another scheme', headers: { authorization: 'Basic dXNlcjp0b2tlbg==' } },
    { what: 'a cookie of another port', headers: { cookie: 'tracelog_1=TOKEN' } },
    { what: 'a wrong cookie', headers: { cookie: 'tracelog_PORT=wrong-token' } },
  ])('is closed to $what', async ({ headers }) => {
    const { ready } = await startTestBackend()
    const port = new URL(ready.api).port
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('TOKEN', ready.token).replace('PORT', port)]),
    )
    const answer = await send(ready.api + path, { method, headers: filled })
    expect(answer.status).toBe(401)
  })
})

describe('the token', () => {
  test('goes from the printed address into a cookie, and out of the address', async () => {
    const { ready } = await startTestBackend()
    const first = await send(`${ready.api}/?token=${ready.token}&q=level%3Aerror`)
    expect(first).toMatchObject({ status: 303, headers: { location: '/?q=level%3Aerror' } })
    const cookie = String(first.headers['set-cookie'])
    expect(cookie).toBe(`tracelog_${new URL(ready.api).port}=${ready.token}; Path=/; HttpOnly; SameSite=Strict`)
    const answers = await Promise.all(
      closed
        .filter(({ path, method }) => method === 'GET' && !path.endsWith('/tail'))
        .map(({ path }) => send(ready.api + path, { headers: { cookie: cookie.split(';')[0] ?? '' } })),
    )
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
  })

  test('in an address is refused when it is wrong, and by the API always', async () => {
    const { ready } = await startTestBackend()
    expect((await send(`${ready.api}/?token=wrong-token`)).status).toBe(401)
    expect((await send(`${ready.api}/api/v1/status?token=${ready.token}`)).status).toBe(401)
  })

  test('never redirects to another host', async () => {
    const { ready } = await startTestBackend()
    const answer = await send(`${ready.api}//evil.example/?token=${ready.token}`)
    expect(answer.headers['location'] ?? '/').toMatch(/^\/(?!\/)/)
  })
})

describe('writes', () => {
  test.each([
    { what: 'a form', type: 'application/x-www-form-urlencoded', body: SQL, status: 415 },
    { what: 'plain text', type: 'text/plain', body: SQL, status: 415 },
    { what: 'JSON that is none', type: 'application/json', body: '{', status: 400 },
    { what: 'JSON without sql', type: 'application/json', body: '{"query":1}', status: 400 },
    { what: 'a body over 1 MiB', type: 'application/json', body: `{"sql":"${'x'.repeat(1024 * 1024)}"}`, status: 413 },
    { what: 'SQL', type: 'application/json; charset=utf-8', body: SQL, status: 200 },
  ])('of $what are answered $status', async ({ type, body, status }) => {
    const { ready } = await startTestBackend()
    const headers = { authorization: `Bearer ${ready.token}`, 'content-type': type }
    expect((await send(`${ready.api}/api/v1/sql`, { method: 'POST', headers, body })).status).toBe(status)
  })
})
