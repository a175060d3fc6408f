/**
 * The README's examples, run as they stand there: the code of its blocks as programs, its commands on what these wrote.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'

import type { ReadyLine } from '../src/cli/find-backend.ts'
import type { Attributes, CreateProcessor, FlatRecord } from '../src/processor.ts'
import { runCli } from './cli/run-cli.ts'
import { runChild } from './support/child.ts'
import { startServer } from './support/servers/server-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')

/** The first block of code in that language below the heading, up to the next one of any level. */
function block(heading: string, language: string): string {
  const from = readme.search(new RegExp(`^##+ ${heading}$`, 'm'))
  const below = readme.slice(from + heading.length)
  const code = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(below.split(/^##+ /m, 1)[0] ?? '')?.[1]
  if (from < 0 || code === undefined) throw new Error(`the README has no ${language} below "${heading}"`)
  return code
}

/** Within the package, which so is found by its name. */
let folder = ''

beforeEach(() => {
  mkdirSync(`${root}.cache`, { recursive: true })
  folder = mkdtempSync(`${root}.cache/readme-`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the block as a program that writes its records into a file. @param before  what the block takes for granted */
async function run(code: string, { before = '', after = '', preload = true, env = {} }) {
  const lines = code.split('\n')
  const imports = lines.filter((line) => line.startsWith('import '))
  const rest = lines.filter((line) => !line.startsWith('import '))
  writeFileSync(join(folder, 'app.mjs'), [...imports, before, ...rest, after].join('\n'))
  const {
    code: status,
    stdout,
    stderr,
  } = await runChild(join(folder, 'app.mjs'), {
    preload: preload ? 'import' : 'none',
    // `using` needs Node 24.
    node: process.execPath,
    cwd: folder,
    env: { TRACELOG_FILE: 'app.jsonl', OTEL_LOGS_EXPORTER: 'file', OTEL_TRACES_EXPORTER: 'none', ...env },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** The command, without its remark, on the file. */
async function tracelog(command: string): Promise<string> {
  const words = command.replace(/ +#.*/, '').match(/'[^']*'|\S+/g) ?? []
  const args = words.slice(2).map((word) => word.replaceAll("'", ''))
  const { code, out, err } = await runCli([...args, '--source', join(folder, 'app.jsonl')])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

test('Debugging a failed request', async () => {
  const shop = `
    const logger = winston.createLogger({ transports: [new winston.transports.Console()] })
    const server = createServer((request, response) => {
      logger.debug('looking up')
      response.writeHead(request.url === '/fail' ? 500 : 200).end()
    })
    server.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port
      for (const path of ['/good', '/fail']) await (await fetch(url + path)).text()
      server.closeAllConnections()
      server.close()
    })`
  await run(`import { createServer } from 'node:http'\nimport winston from 'winston'\n${shop}`, {})
  const [which = '', lines = ''] = block('Debugging a failed request', 'sh').split('\n')
  const failed = await tracelog(`${which.replace(/ +#.*/, '')} --json`)
  const rows = failed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(rows).toMatchObject([{ event: 'tracelog.recorder.dump', 'tracelog.dump.reason': 'status' }])
  const tree = await tracelog(lines.replace('TRACE_ID', String(rows[0]?.['trace_id'])))
  expect(tree).toMatch(/GET \/fail → 500/)
  expect(tree).toMatch(/D looking up +recovered/)
})

test('Tasks', async () => {
  await run(block('Tasks', 'js'), {
    before: "const files = ['a.csv', 'b.csv']\nconst read = async (file) => console.log('reads ' + file)",
  })
  const rows = (await tracelog('npx tracelog query --json')).trim().split('\n')
  const records = rows.map((line) => JSON.parse(line) as Record<string, unknown>)
  const within = records.filter(({ message }) => String(message).startsWith('reads '))
  // Every line within, of any logger, carries the path and what is bound.
  expect(within.map(({ message, task_path: path, file }) => [message, path, file])).toEqual([
    ['reads a.csv', '2/2', 'a.csv'],
    ['reads b.csv', expect.stringMatching(/^\d\/2$/), 'b.csv'],
  ])
  const tree = await tracelog(`npx tracelog tree ${String(within[0]?.['trace_id'])}`)
  expect(tree).toMatch(/^✔ import 2 files /)
  expect(tree.match(/^[├└] ✔ read /gm)).toHaveLength(2)
  expect(records.some(({ message }) => message === 'reserve')).toBe(true)
})

test('Tasks, across processes', async () => {
  const handlers = 'const handlers = []; const held = []; const pack = (message) => console.log(`packs ${message.id}`)'
  const queue =
    'const queue = { push: (message) => held.push(message), onMessage: (handler) => handlers.push(handler) }'
  const code = block('Across processes', 'js')
  const stdout = await run(code, {
    before: `${handlers}\n${queue}`,
    after: 'for (const message of held) for (const handle of handlers) handle(message)\nconsole.log(held[0].task)',
  })
  // The token is as the remark has it.
  const [, number] = /<flags>;(\S+)$/m.exec(code) ?? []
  expect(stdout).toMatch(new RegExp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3];${number}$`, 'm'))
  const [row] = (await tracelog('npx tracelog query \'"packs 7"\' --json')).trim().split('\n')
  const { trace_id: traceId } = JSON.parse(row ?? '{}') as Record<string, unknown>
  expect(await tracelog(`npx tracelog tree ${String(traceId)}`)).toMatch(/^✔ order .*\n└ ✔ pack /)
})

test('In your own tests', async () => {
  writeFileSync(
    join(folder, 'shop.js'),
    `import winston from 'winston'
    const logger = winston.createLogger({ transports: [new winston.transports.Console({ silent: true })] })
    export async function order(item) {
      logger.debug('looking up', { item })
      logger.info('ordered', { item })
      return item.length
    }`,
  )
  const stdout = await run(block('In your own tests', 'js').replace('spans[0].name', 'spans[0]?.name'), {
    preload: false,
    after:
      'console.log(JSON.stringify([records.map((record) => record.message), records[0], value, tree.outline, capturedOf(1)]))',
  })
  const [messages, first, value, outline] = JSON.parse(stdout) as unknown[]
  expect(messages).toEqual(['looking up', 'ordered'])
  expect(first).toMatchObject({ level: 'DEBUG', attributes: { item: 'lamp' }, scope: 'winston', isBelowLevel: true })
  expect([value, outline]).toEqual([4, 'DEBUG looking up\nINFO ordered'])
})

test('What happened on the server', async () => {
  const cli = `${root}dist/cli.js`
  const backend = await startServer({
    name: 'tracelog dev',
    program: process.execPath,
    args: [
      cli,
      'dev',
      '--json',
      '--data',
      join(folder, 'data'),
      ...['http', 'grpc'].flatMap((kind) => [`--otlp-${kind}`, '0']),
      '--api',
      '0',
    ],
    isReady: (said) => said.includes('}\n'),
  })
  const ready = JSON.parse(backend.said().split('\n')[0] ?? '') as ReadyLine
  writeFileSync(join(folder, 'feed.mjs'), FEED)
  const feed = await startServer({
    name: 'the feed',
    program: process.execPath,
    args: ['--import', `${root}dist/register.cjs`, join(folder, 'feed.mjs')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: ready.otlp_http, OTEL_SERVICE_NAME: 'feed' },
    cwd: folder,
    isReady: (said) => /listens on \d+/.test(said),
  })
  onTestFinished(async () => {
    await feed.stop()
    await backend.stop()
  })
  const port = /listens on (\d+)/.exec(feed.said())?.[1] ?? ''
  const code = block('What happened on the server', 'js')
    .replace("'npx', ['tracelog', ...args]", `process.execPath, ['${cli}', ...args]`)
    .replace(':3000/', `:${port}/`)
    .replace("'10s'", "'30s'")
    .replace('20_000', '60_000')
  const example = /^test\(.*/ms.exec(code)?.[0] ?? ''
  writeFileSync(
    join(folder, 'feed.test.js'),
    `${code}\n${example.replace("'the feed", "'broken: the feed").replace('db_calls<=2', 'status=404')}`,
  )
  const ran = await runVitest({ TRACELOG_BACKEND: ready.api, TRACELOG_TOKEN: ready.token })
  expect(ran).toMatch(/1 failed \| 1 passed/)
  expect(ran).toMatch(/FAIL .* broken: the feed/)
  expect(ran).toMatch(/tracelog expect: 1 request, as expected/)
  expect(ran).toMatch(/"status=404" does not hold for this request:/)
  expect(ran).toMatch(/^GET \/feed → 200/m)
}, 120_000)

const FEED = `
import { createServer } from 'node:http'
import { requestFields } from '@org/tracelog'
const server = createServer((request, response) => {
  requestFields({ 'http.route': '/feed' })
  response.end('[]')
})
server.listen(0, 'localhost', () => console.log('listens on ' + server.address().port))`

/** Of the test files in the folder. @returns what it printed */
async function runVitest(env: Readonly<Record<string, string>>): Promise<string> {
  const args = [`${root}node_modules/vitest/vitest.mjs`, 'run', '--root', folder, '--hookTimeout=60000', '--no-color']
  const own = { PATH: process.env['PATH'] ?? '', HOME: folder, NO_COLOR: '1', ...env }
  const [stdout, stderr] = await new Promise<[string, string]>((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env: own }, (_, ...said) => resolve(said))
  })
  return `${stdout}\n${stderr}`
}

test('Showing a caller its own logs', async () => {
  const server = block('What the server does', 'js').replace('app.listen(3000)', 'const server = app.listen(0)')
  const caller = block('What the caller does', 'js').replaceAll("'http://localhost:3000", "url + '")
  const stdout = await run(`${server}\n${BETWEEN}\n${caller}`, {
    after: 'server.closeAllConnections()\nserver.close()',
    env: { TRACELOG_RETURN: 'on', SUPPORT_TOKEN: 'abc' },
  })
  expect(stdout).toMatch(/^INFO the order is taken$/m)
  expect(stdout).toMatch(/^INFO pack the order$/m)
  expect(stdout).toMatch(/^202 ok packing begins\n/m)
})

/** The server listens, and its first stream, which takes longer than a call waits on a slow machine, was opened. */
const BETWEEN = `
await new Promise((resolve) => server.on('listening', resolve))
const url = 'http://localhost:' + server.address().port
for (let status = 'unavailable'; status === 'unavailable'; ) {
  const { logs } = await withLogs(fetch, { streams: url + '/.tracelog/v1', authorization: 'Bearer abc' })(url)
  status = logs.status
  await logs.close()
}`

test('Rules', async () => {
  writeFileSync(join(folder, 'tracelog.yaml'), block('Rules', 'yaml'))
  const { code, out } = await runCli(['rules', 'check'], { cwd: folder })
  expect([code, out.split('\n').length]).toEqual([0, 6])
  const lines = ['{"service":"shop","message":"a","path":"/health/x","status":200}', '{"service":"shop","message":"b"}']
  expect((await runCli(['rules', 'test'], { cwd: folder, in: lines.join('\n') })).out).toBe(
    '1  health checks: drop\n2  no rule\n',
  )
  writeFileSync(join(folder, 'plugin.mjs'), block('Rules', 'js'))
  const { default: create } = (await import(join(folder, 'plugin.mjs'))) as { default: CreateProcessor }
  const logged: unknown[] = []
  const log = (message: string, attributes?: Attributes): number => logged.push([message, attributes])
  const plugin = await create({ name: 'a', options: { channel: 'ops' }, signal: new AbortController().signal, log })
  const record = { status: 503 } as unknown as FlatRecord
  expect([plugin.match?.(record), plugin.match?.({} as FlatRecord)]).toEqual([true, false])
  await plugin.handle([record])
  expect(logged).toEqual([['paging ops', { count: 1 }]])
})
