/**
 * Rules in a running backend: what is kept, and who is given it too.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { sendLogs, type SentRecord } from '../../support/otlp-send.ts'
import { startReceiver } from '../../support/receiver.ts'
import { startRuledBackend } from './ruled-backend.ts'

const PLUGIN = `
import { appendFileSync } from 'node:fs'
export default function create({ options, name, log }) {
  const write = (what) => appendFileSync(new URL('plugin.log', import.meta.url), JSON.stringify(what) + '\\n')
  write({ name, channel: options.channel, seen: process.env.SEEN_BY_PLUGIN ?? null, hidden: process.env.NOT_SEEN ?? null })
  return {
    match: (record) => record.attributes.n !== 3,
    handle(records) {
      write(records.map(({ message, level, service, attributes, resource }) => [message, level, service, attributes, resource]))
      log('handled ' + records.length, { count: records.length })
    },
    stop() { write('stopped') },
  }
}`

test('each action does what it says, and a status of each rule says what it did', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.close())
  const ruled = await startRuledBackend(
    `rules:
  - {name: health, when: 'path:/health*', do: drop}
  - name: secrets
    when: service:payments
    do:
      - redact: [iban]
      - tag: {team: billing}
      - level: error
  - name: errors
    when: level>=error
    do:
      - file: {path: errors.jsonl}
      - forward: {endpoint: '${receiver.url}', headers: {x-key: k}}
      - exec: {module: plugin.mjs, options: {channel: ops}, every: 50ms, env: [SEEN_BY_PLUGIN]}
`,
    { 'plugin.mjs': PLUGIN },
  )
  const url = ruled.backend.ready.otlp_http
  const send = (service: string, ...records: SentRecord[]) =>
    sendLogs(records, { url, resource: { 'service.name': service } })
  expect(await send('shop', { body: 'ping', attributes: { 'url.path': '/health/live' } })).toBe(200)
  expect(await send('shop', { body: 'plain', attributes: { 'url.path': '/a' } })).toBe(200)
  expect(
    await send(
      'payments',
      { body: 'paid', attributes: { iban: 'DE123', n: 1.5 } },
      { body: 'three', attributes: { n: 3 } },
    ),
  ).toBe(200)

  const rows = await ruled.rows()
  expect(
    rows
      .map(({ message }) => message)
      .filter((text) => !text.startsWith('handled'))
      .toSorted(),
  ).toEqual(['paid', 'plain', 'three'])
  expect(rows.find(({ message }) => message === 'paid')).toMatchObject({
    level: 'ERROR',
    team: 'billing',
    iban: '[redacted]',
    'tracelog.rule.level_was': 'info',
  })
  // The file, the other backend and the plugin have the shaped record.
  await expect.poll(() => ruled.lines('errors.jsonl').length).toBe(2)
  expect(JSON.parse(ruled.lines('errors.jsonl')[0]!)).toMatchObject({
    message: 'paid',
    iban: '[redacted]',
    team: 'billing',
  })
  const [forwarded] = await receiver.logs(2)
  expect(forwarded!.record).toMatchObject({ body: 'paid', severityNumber: 17 })
  expect(receiver.requests[0]!.headers['x-key']).toBe('k')
  await expect.poll(() => ruled.lines('plugin.log').length).toBe(2)
  expect(ruled.lines('plugin.log').map((line) => JSON.parse(line) as unknown)).toEqual([
    { name: 'errors', channel: 'ops', seen: 'yes', hidden: null },
    [
      [
        'paid',
        'ERROR',
        'payments',
        expect.objectContaining({ n: 1.5, team: 'billing' }),
        { 'service.name': 'payments' },
      ],
    ],
  ])
  // What the plugin says of itself is kept, and given to no plugin.
  await expect
    .poll(async () => (await ruled.rows('logger:tracelog.rule')).map(({ message }) => message))
    .toEqual(['handled 1'])
  await expect
    .poll(() => ruled.status())
    .toEqual([
      expect.objectContaining({ name: 'health', matched: 1, dropped: 1 }),
      expect.objectContaining({ name: 'secrets', matched: 2, dropped: 0 }),
      { name: 'errors', matched: 2, dropped: 0, delivered: 6, lost: 0, failed: 0, last_error: null, state: 'ok' },
    ])
  await ruled.backend.stop()
  expect(ruled.lines('plugin.log').at(-1)).toBe('"stopped"')
  // Nothing that was dropped or hidden lies on the disk.
  const onDisk = readdirSync(join(ruled.folder, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')
  expect(onDisk).not.toContain('DE123')
  expect(onDisk).not.toContain('/health/live')
})

test('lines of other programs and all ports meet the same rules', async () => {
  const ruled = await startRuledBackend(
    "rules: [{name: a, when: 'secret*', do: drop}, {name: b, do: {tag: {seen: 1}}}]",
  )
  const url = ruled.backend.ready.otlp_http
  const lines = await fetch(`${url}/v1/lines?service=nginx`, { method: 'POST', body: 'secret one\nshown one\n' })
  expect(lines.status).toBe(200)
  await sendLogs([{ body: 'secret two' }, { body: 'shown two' }], { url })
  const rows = await ruled.rows()
  expect(rows.map(({ message, ...row }) => `${message} ${row['seen'] as number}`).toSorted()).toEqual([
    'shown one 1',
    'shown two 1',
  ])
})

describe('another backend that is away', () => {
  test('what was not sent waits, and comes when it is back; each record once', async () => {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    await receiver.stopListening()
    const ruled = await startRuledBackend(`rules: [{name: on, do: {forward: {endpoint: '${receiver.url}'}}}]`)
    const url = ruled.backend.ready.otlp_http
    for (let index = 0; index < 20; index++) await sendLogs([{ body: `line ${index}` }], { url })
    await expect
      .poll(async () => (await ruled.status())[0])
      .toMatchObject({ state: 'failing', lost: 0, last_error: 'ECONNREFUSED' })
    await receiver.listenAgain()
    const logs = await receiver.logs(20)
    expect(logs.map(({ record }) => record.body)).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index}`))
    await expect.poll(async () => (await ruled.status())[0]).toMatchObject({ delivered: 20, lost: 0, state: 'ok' })
  })

  test('two that send to each other end after three times', async () => {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const ruled = await startRuledBackend(`rules: [{name: on, do: {forward: {endpoint: '${receiver.url}'}}}]`)
    const url = ruled.backend.ready.otlp_http
    for (const hops of [1, 2, 3])
      await sendLogs([{ body: `${hops}` }], { url, resource: { 'tracelog.forwarded': hops } })
    const logs = await receiver.logs(2)
    expect(logs.map(({ record, resource }) => [record.body, resource['tracelog.forwarded']])).toEqual([
      ['1', 2],
      ['2', 3],
    ])
    await expect.poll(async () => (await ruled.status())[0]).toMatchObject({ delivered: 2, lost: 1 })
    // Stored it is all the same.
    expect((await ruled.rows()).map(({ message }) => message).toSorted()).toEqual(['1', '2', '3'])
  })
})

describe('plugins that fail', () => {
  const file = (body: string): string => `export default function create() { return { ${body} } }`
  const rules = `rules:
  - {name: bad, do: {exec: {module: bad.mjs, every: 20ms, timeout: 300ms}}}
  - {name: file, do: {file: {path: all.jsonl}}}
  - {name: good, do: {exec: {module: good.mjs, every: 20ms}}}`
  const good = `import { appendFileSync } from 'node:fs'
export default () => ({ handle: (records) => appendFileSync(new URL('good.log', import.meta.url), records.map(({ message }) => message + '\\n').join('')) })`

  test.each([
    ['throws', file("handle() { throw new Error('no') }"), 'no'],
    ['rejects', file("handle: () => Promise.reject(new Error('no'))"), 'no'],
    ['never ends', file('handle: () => new Promise(() => {})'), 'it has not answered for 300 ms'],
    ['loops for ever', file('handle() { for (;;); }'), 'it has not answered for 300 ms'],
    ['exits', file('handle() { process.exit(3) }'), 'exit code 3'],
    [
      'matches too slowly',
      file('match() { const end = Date.now() + 60; while (Date.now() < end); return true }, handle() {}'),
      'match took',
    ],
    ['takes all memory', file('handle() { const all = []; for (;;) all.push(new Array(1e5).fill({})) }'), ''],
  ])('one that %s hurts nobody else', async (_, text, error) => {
    const ruled = await startRuledBackend(rules, { 'bad.mjs': text, 'good.mjs': good })
    const url = ruled.backend.ready.otlp_http
    for (let index = 0; index < 5; index++) expect(await sendLogs([{ body: `line ${index}` }], { url })).toBe(200)
    const expected = Array.from({ length: 5 }, (__, index) => `line ${index}`)
    await expect.poll(() => ruled.lines('good.log')).toEqual(expected)
    expect(ruled.lines('all.jsonl').map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(expected)
    expect((await ruled.rows()).length).toBe(5)
    await expect.poll(async () => (await ruled.status())[0]!.last_error).toContain(error)
    await expect.poll(async () => (await ruled.status()).slice(1).map(({ delivered }) => delivered)).toEqual([5, 5])
  })

  test('one that prints without end is shown a little', async () => {
    const ruled = await startRuledBackend(rules, {
      'bad.mjs': file("handle() { for (let i = 0; i < 200; i++) process.stdout.write('x'.repeat(99) + '\\n') }"),
      'good.mjs': good,
    })
    await sendLogs([{ body: 'a' }], { url: ruled.backend.ready.otlp_http })
    await expect.poll(() => ruled.lines('good.log')).toEqual(['a'])
  })

  test.each([
    ['is not there', undefined, 'Cannot find module'],
    ['has a mistake', 'export default (', 'does not load'],
    ['exports no function', 'export default 5', 'its default export is no function'],
    ['has no handle', 'export default () => ({})', 'has no function handle'],
    ['throws at once', "export default () => { throw new Error('no') }", 'no'],
  ])('one that %s is an error of the start, with its place', async (_, text, message) => {
    const starting = startRuledBackend(
      'rules:\n  - name: a\n    do: {exec: {module: bad.mjs}}',
      text === undefined ? {} : { 'bad.mjs': text },
    )
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toThrow(/tracelog\.yaml:3 rule "a"/)
    await expect(starting).rejects.toMatchObject({ code: 'TRACELOG_RULES_INVALID' })
  })
})

describe('a file that changes', () => {
  test('is read again; a wrong one changes nothing; no record meets half of each set', async () => {
    const set = (version: string): string =>
      `rules: [{name: one, do: {tag: {one: ${version}}}}, {name: two, do: {tag: {two: ${version}}}}]`
    const ruled = await startRuledBackend(set('1'))
    const url = ruled.backend.ready.otlp_http
    const tags = async (): Promise<string[]> => {
      await sendLogs(
        Array.from({ length: 50 }, () => ({ body: 'x' })),
        { url },
      )
      return [
        ...new Set((await ruled.rows('since:1m')).map((row) => `${row['one'] as string} ${row['two'] as string}`)),
      ]
    }
    expect(await tags()).toEqual(['1 1'])
    ruled.write(set('2'))
    await expect.poll(tags).toContain('2 2')
    ruled.write('rules: [{name: one, do: nonsense}]')
    await ruled.backend.reloadRules()
    ruled.write(`rules: [{name: one, do: {exec: {module: gone.mjs}}}]`)
    await ruled.backend.reloadRules()
    expect((await tags()).toSorted()).toEqual(['1 1', '2 2'])
    expect((await ruled.status()).map(({ name }) => name)).toEqual(['one', 'two'])
  })

  test('a file without rules costs nothing until it has some', async () => {
    const ruled = await startRuledBackend('tracelog: {level: debug}')
    const url = ruled.backend.ready.otlp_http
    await sendLogs([{ body: 'a' }], { url })
    expect(await ruled.status()).toEqual([])
    ruled.write('rules: [{name: none, do: drop}]')
    await ruled.backend.reloadRules()
    await sendLogs([{ body: 'b' }], { url })
    expect((await ruled.rows()).map(({ message }) => message)).toEqual(['a'])
  })
})

test('a wrong file is told whole, before anything opens', async () => {
  await expect(startRuledBackend('rules:\n  - {name: A, do: dorp}')).rejects.toThrow(
    /tracelog\.yaml has 2 errors:\n {2}\S*tracelog\.yaml:2:12 rules\[0\]\.name[^\n]*\n {2}\S*tracelog\.yaml:2:19 rules\[0\]\.do/,
  )
})
