/** What an HTTP/2 server sends, by either of Node's interfaces, is what it sends bare, and one header of ours. */
import { connect, type ClientHttp2Session } from 'node:http2'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../../support/nodes.ts'

const SERVERS = ['requests', 'streams'] as const
/** The second may change between the two servers' answers. */
const DATE = /\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g
const OURS = /^trace;desc=00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]$/

interface Exchange {
  /** Each block of headers, as it came: informational ones, the response's, trailers. */
  readonly blocks: readonly (readonly string[])[]
  readonly body: string
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  const children: RunningChild[] = []
  const sessions: ClientHttp2Session[] = []
  const start = async (preload: 'none' | 'import'): Promise<RunningChild> => {
    const env = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }
    const child = startChild('heads/http2.cjs', { preload, env, node: nodeBinary(version) })
    children.push(child)
    for (const server of SERVERS) await child.prints(`${server} `)
    return child
  }
  const sessionOf = (child: RunningChild, server: string) => {
    const [, port, names] = new RegExp(String.raw`^${server} (\d+) (.*)$`, 'm').exec(child.stdout()) ?? []
    const session = connect(`http://127.0.0.1:${port}`)
    sessions.push(session)
    return { session, names: JSON.parse(names ?? '') as string[] }
  }
  let bare: RunningChild
  let ours: RunningChild
  beforeAll(async () => {
    ;[bare, ours] = await Promise.all([start('none'), start('import')])
  })
  afterAll(async () => {
    for (const session of sessions) session.destroy()
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children.map(({ ended }) => ended))
  })

  test.each(SERVERS)('%s: the same headers and bodies', async (server) => {
    const theirs = sessionOf(bare, server)
    const own = sessionOf(ours, server)
    expect(own.names.length).toBeGreaterThan(8)
    for (const name of own.names) {
      const [expected, actual] = await Promise.all([exchange(theirs.session, name), exchange(own.session, name)])
      expect({ ...actual, blocks: actual.blocks.map(withoutOurs) }, name).toEqual(expected)
      expect(
        actual.blocks.flat().filter((text) => OURS.test(text)),
        name,
      ).toHaveLength(1)
    }
  })
})

function exchange(session: ClientHttp2Session, name: string): Promise<Exchange> {
  const stream = session.request({ ':path': `/${encodeURIComponent(name)}` })
  const blocks: string[][] = []
  let body = ''
  const keep = (_headers: unknown, _flags: number, raw: string[]) => blocks.push(withoutDate(raw))
  for (const event of ['headers', 'response', 'trailers']) stream.on(event, keep)
  stream.setEncoding('utf8').on('data', (text: string) => (body += text))
  return new Promise((resolve, reject) => {
    stream.on('error', reject)
    stream.on('close', () => resolve({ blocks, body: body.replaceAll(DATE, 'now') }))
  })
}

function withoutDate(raw: readonly string[]): string[] {
  return raw.map((text) => text.replaceAll(DATE, 'now'))
}

function withoutOurs(raw: readonly string[]): string[] {
  const at = raw.findIndex((text) => OURS.test(text))
  return at === -1 ? [...raw] : raw.toSpliced(at - 1, 2)
}
