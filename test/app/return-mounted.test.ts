/**
 * Streams of returned lines where applications mount them: in express, behind a parser and a compression, and on an HTTP/2 server.
 */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type ClientHttp2Session } from 'node:http2'
import { createGunzip } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { ask, openStream, readStream } from '../support/return-client.ts'
import { NOWHERE, stopService } from '../support/returning-service.ts'

const LINES = ['first', 'second', 'third']

async function startMounted(kind: string): Promise<{ child: RunningChild; url: string }> {
  const env = { TRACELOG_RETURN: 'on', OTEL_SERVICE_NAME: 'shop', TRACELOG_RECORDER_LINGER_MS: '50', ...NOWHERE }
  const child = startChild('returning/mounted.mjs', { env, args: [kind] })
  await child.prints('PORT ')
  return { child, url: `http://127.0.0.1:${/PORT (\d+)/.exec(child.stdout())?.[1]}` }
}

/** Messages and the end of what a stream has sent. */
function toldBy(text: string): unknown[] {
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data) as Record<string, unknown>,
  )
  return events.map(({ message, status }) => message ?? status)
}

describe('in express', () => {
  let mounted: Awaited<ReturnType<typeof startMounted>>
  let base: string
  beforeAll(async () => {
    mounted = await startMounted('express')
    base = `${mounted.url}/.tracelog/v1`
  })
  afterAll(() => stopService(mounted))

  test('a stream is opened, though the body was read before, and read while the call runs', async () => {
    const { url, grant } = await openStream(base, 'ann', { level: 'info', scopes: ['logs:public'] })
    const read = await readStream(`${base}/${url}`, 'ann')
    await ask(`${mounted.url}/lines`, { headers: { 'tracelog-return': grant } })
    await read.ended
    expect(read.events.map(({ data }) => data['message'] ?? data['status'])).toEqual([...LINES, 'ok'])
  })

  test('who may not sees what express says of any path that there is not', async () => {
    const answers = await Promise.all(
      ['streams', 'nothing'].map((path) =>
        ask(`${base}/${path}`, { method: 'POST', headers: { authorization: 'bob' } }),
      ),
    )
    const [refused, unknown] = answers.map(({ status, text }) => [status, text.replaceAll(/streams|nothing/g, '…')])
    expect(refused).toEqual(unknown)
    expect(refused?.[0]).toBe(404)
  })

  test('behind a compression each line comes when it is written', async () => {
    const { url, grant } = await openStream(base, 'ann')
    const headers = { authorization: 'ann', 'accept-encoding': 'gzip' }
    const sent = request(`${base}/${url}`, { headers, agent: false }).end()
    const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
    expect(answer.headers['content-encoding']).toBe('gzip')
    let text = ''
    const unzipped = answer.pipe(createGunzip()).setEncoding('utf8')
    unzipped.on('data', (chunk: string) => (text += chunk))
    // The stream lives on after the call, and nothing but its lines makes it send.
    await ask(`${mounted.url}/lines`, { headers: { 'tracelog-return': grant } })
    await expect.poll(() => text, { timeout: 20_000 }).toContain('third')
    await once(unzipped, 'end')
    expect(toldBy(text)).toEqual([...LINES, 'ok'])
  })
})

describe('on an HTTP/2 server', () => {
  let mounted: Awaited<ReturnType<typeof startMounted>>
  let session: ClientHttp2Session
  beforeAll(async () => {
    mounted = await startMounted('http2')
    session = connect(mounted.url)
  })
  afterAll(async () => {
    session.destroy()
    await stopService(mounted)
  })

  async function open(): Promise<{ readonly path: string; readonly grant: string }> {
    const stream = session.request({ ':method': 'POST', ':path': '/.tracelog/v1/streams', authorization: 'ann' })
    stream.end('{"scopes":["logs:public"]}')
    const { url, grant } = JSON.parse(await textOf(stream)) as { url: string; grant: string }
    return { path: `/.tracelog/v1/${url}`, grant }
  }

  async function textOf(stream: AsyncIterable<unknown> & { setEncoding(name: 'utf8'): unknown }): Promise<string> {
    let text = ''
    stream.setEncoding('utf8')
    for await (const piece of stream) text += String(piece)
    return text
  }

  test('lines arrive beside the call, on the same connection', async () => {
    const { path, grant } = await open()
    const read = session.request({ ':path': path, authorization: 'ann' })
    const [head] = (await once(read, 'response')) as [Record<string, unknown>]
    expect(head).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const text = textOf(read)
    expect(await textOf(session.request({ ':path': '/lines', 'tracelog-return': grant }))).toBe('done')
    expect(toldBy(await text)).toEqual([...LINES, 'ok'])
  })

  test('who may not is answered as for any path that there is not', async () => {
    const statuses = await Promise.all(
      ['streams', 'nothing'].map(async (path) => {
        const stream = session.request({ ':method': 'POST', ':path': `/.tracelog/v1/${path}`, authorization: 'bob' })
        stream.end()
        const [head] = (await once(stream, 'response')) as [Record<string, unknown>]
        return [head[':status'], await textOf(stream)]
      }),
    )
    expect(statuses).toEqual([
      [404, ''],
      [404, ''],
    ])
  })

  test('a reader that stops loses lines, is told how many, and holds nothing up', async () => {
    const { path, grant } = await open()
    const read = session.request({ ':path': path, authorization: 'ann' })
    await once(read, 'response')
    // On a connection of its own: the window of the other one is full.
    const own = connect(mounted.url)
    expect(await textOf(own.request({ ':path': '/flood?n=20000', 'tracelog-return': grant }))).toBe('done')
    own.close()
    const told = await textOf(read)
    const gone = [...told.matchAll(/^data: \{"dropped":(\d+)\}$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
    const lines = told.match(/^event: log$/gm)?.length ?? 0
    expect(gone).toBeGreaterThan(0)
    expect(lines + gone).toBe(20_000)
    expect(told).toContain(`"status":"ok","http_status":200,"dropped":${gone}`)
  })
})
