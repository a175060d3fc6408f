import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readMessageLines } from '../../src/mcp/message-lines.ts'
import { PROTOCOL_VERSIONS, serveProtocol, type ProtocolServer } from '../../src/mcp/protocol.ts'

interface Answered {
  readonly id?: unknown
  readonly method?: string
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

/** Its one tool answers when the call is taken back, or at once. */
function echoServer(ended: string[] = []): ProtocolServer {
  return {
    name: 'test',
    version: '1',
    instructions: 'read',
    tools: () => [],
    async call({ name, arguments: given, signal, progress }) {
      progress(1, 2, 'half')
      if (name === 'wait') {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        ended.push(name)
      }
      return { content: [{ type: 'text', text: JSON.stringify(given) }] }
    },
  }
}

async function* chunksOf(parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    yield typeof part === 'string' ? Buffer.from(part) : part
    // Answers are given meanwhile.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function talk(parts: readonly (string | Uint8Array)[], server = echoServer()): Promise<Answered[]> {
  const answers: Answered[] = []
  await serveProtocol(chunksOf(parts), (line) => void answers.push(JSON.parse(line) as Answered), server)
  return answers
}

const call = (id: unknown, method: string, params?: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`

test.each([
  ...PROTOCOL_VERSIONS.map((version) => ({ asked: version, expected: version })),
  { asked: '1999-01-01', expected: PROTOCOL_VERSIONS[0] },
])('a client of $asked is greeted with $expected', async ({ asked, expected }) => {
  const [answer] = await talk([call(1, 'initialize', { protocolVersion: asked })])
  expect(answer?.result).toMatchObject({
    protocolVersion: expected,
    capabilities: { tools: {} },
    instructions: 'read',
  })
})

test.each([
  ['an unknown method', call(1, 'resources/list'), { id: 1, error: { code: -32_601 } }],
  ['what is not JSON', 'hello\n', { id: null, error: { code: -32_700 } }],
  ['no method', '{"id":4}\n', { id: 4, error: { code: -32_600 } }],
  ['an id that is none', call({}, 'ping'), { id: null, error: { code: -32_600 } }],
  ['a number', '7\n', { id: null, error: { code: -32_600 } }],
  ['a call without a name', call(5, 'tools/call', {}), { id: 5, error: { code: -32_602 } }],
  ['a ping', call('a', 'ping'), { id: 'a', result: {} }],
])('%s is answered', async (_what, line, expected) => {
  expect(await talk([line])).toMatchObject([expected])
})

test('notifications, answers and blank lines are not answered', async () => {
  const lines = [
    '{"method":"notifications/initialized"}\n',
    '{"id":1,"result":{}}\n',
    '\n \r\n',
    '{"method":"other"}\n',
  ]
  expect(await talk(lines)).toEqual([])
})

test('messages are found however the bytes are cut', async () => {
  const text = Buffer.from(
    ['grün', '名前', 'a', ''].map((word, id) => call(id, 'tools/call', { name: 'x', arguments: { word } })).join(''),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      const parts = places.slice(1).map((end, i) => text.subarray(places[i], end))
      const words = (await talk(parts)).map(({ result }) => JSON.stringify(result))
      expect(words).toHaveLength(4)
      expect(words.join('')).toContain('名前')
    }),
    { numRuns: 50 },
  )
})

test('a line of 10 MB is refused once and the next one is read', async () => {
  const long = Buffer.alloc(1_000_000, 'x')
  const parts = [...Array<Uint8Array>(10).fill(long), '\n', call(2, 'ping')]
  const answers = await talk(parts)
  expect(answers).toMatchObject([
    { id: null, error: { code: -32_600 } },
    { id: 2, result: {} },
  ])
})

test('memory of a line that never ends is bounded', async () => {
  const lines: unknown[] = []
  const source = chunksOf(Array<Uint8Array>(40).fill(Buffer.alloc(100, 'y')))
  for await (const line of readMessageLines(source, 1_000)) lines.push(line)
  expect(lines).toEqual([undefined])
})

test('a call that is taken back ends, and is not answered', async () => {
  const ended: string[] = []
  const cancelled = `${JSON.stringify({ method: 'notifications/cancelled', params: { requestId: 1 } })}\n`
  const answers = await talk(
    [call(1, 'tools/call', { name: 'wait' }), call(2, 'ping'), cancelled, call(3, 'ping')],
    echoServer(ended),
  )
  expect(answers.map(({ id }) => id)).toEqual([2, 3])
  expect(ended).toEqual(['wait'])
})

test('calls end when the client goes', async () => {
  const ended: string[] = []
  const server = echoServer(ended)
  const answers = await talk([call(1, 'tools/call', { name: 'wait' })], server)
  await new Promise((resolve) => setImmediate(resolve))
  expect([answers, ended]).toEqual([[], ['wait']])
})

test('progress is told to who gave a token', async () => {
  const params = { name: 'x', arguments: {}, _meta: { progressToken: 'p' } }
  const [first] = await talk([call(1, 'tools/call', params)])
  expect(first).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 1, total: 2 },
  })
})
