/** collector/README.md and PROVE-WITH-DOCKER.md: their configuration is accepted, their files exist, their words are kept. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'

import { readCollectorFile } from '../../support/collector-config.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { findServer, requireServers, type ServerName } from '../../support/servers/program.ts'
import { runToEnd } from '../../support/servers/server-process.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
const readme = readCollectorFile('README.md')

/** The YAML block that begins with this comment. */
function block(comment: string): string {
  const found = [...readme.matchAll(/```yaml\n(# .*)\n([^`]*)```/g)].find(([, first]) => first === `# ${comment}`)
  if (found === undefined) throw new Error(`no block begins with "# ${comment}"`)
  return found[2]!
}

/** Maps are merged, all else is replaced, null takes away: what a reader of the page does by hand. */
function merged(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over
  const names = [...new Set([...Object.keys(base), ...Object.keys(over)])].filter((name) => over[name] !== null)
  return Object.fromEntries(names.map((name) => [name, name in over ? merged(base[name], over[name]) : base[name]]))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function writeFolder(name: string, text: string): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-documents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, name)
  writeFileSync(file, text)
  return { folder, file }
}

const STORES: readonly { readonly server: ServerName; readonly verify: string }[] = [
  { server: 'loki', verify: '-verify-config' },
  { server: 'tempo', verify: '-config.verify=true' },
]

requireServers('loki', 'tempo').for(STORES)(
  'object storage in $server.yaml is accepted',
  async ({ server, verify }) => {
    const config = merged(parse(readCollectorFile(`${server}.yaml`)), parse(block(`in ${server}.yaml`)))
    const { file } = writeFolder(`${server}.yaml`, stringify(config))
    const args = [`-config.file=${file}`, '-config.expand-env=true', verify]
    expect(await runToEnd(findServer(server)!, args)).toMatchObject({ code: 0 })
  },
)

requireServers('loki')('the microservices are accepted with their bucket', async () => {
  const file = join(COLLECTOR_FOLDER, 'loki-microservices.yaml')
  const args = [`-config.file=${file}`, '-config.expand-env=true', '-verify-config']
  expect(await runToEnd(findServer('loki')!, args)).toMatchObject({ code: 0 })
})

requireServers('otelcol')('tail sampling over the gateway is accepted', async () => {
  const { folder, file } = writeFolder('tail-sampling.yaml', block('over gateway.yaml'))
  const args = ['validate', '--config', join(COLLECTOR_FOLDER, 'gateway.yaml'), '--config', file]
  const env = { TRACELOG_DATA: folder, TRACELOG_AGGREGATE: join(folder, 'logs.jsonl') }
  expect(await runToEnd(findServer('otelcol')!, args, env)).toMatchObject({ code: 0 })
})

test.each(['standalone.yaml', 'gateway.yaml'])('the aggregated file of %s is as large as the page says', (name) => {
  const [, megabytes] = /_AGGREGATE_MEGABYTES:-(\d+)/.exec(readCollectorFile(name))!
  const [, files] = /_AGGREGATE_FILES:-(\d+)/.exec(readCollectorFile(name))!
  const row = /\| aggregated file, (\d+) x (\d+) MiB \| ([\d.]+) GB .*\| ([\d.]+) h,/.exec(readme)
  const [recordBytes] = /(?<=\| aggregated file \| )[\d,]+/.exec(readme)!
  const bytes = (Number(files) + 1) * Number(megabytes) * 2 ** 20
  const hours = bytes / (1000 * Number(recordBytes.replace(',', ''))) / 3600
  expect(row?.slice(1).map(Number)).toEqual([
    Number(files) + 1,
    Number(megabytes),
    Number((bytes / 1e9).toFixed(1)),
    Number(hours.toFixed(1)),
  ])
})

test('what was not run says so', () => {
  expect(block('over gateway.yaml, not run')).toContain('elasticsearch:')
})

test.each(['README.md', 'PROVE-WITH-DOCKER.md'])('%s links to files that exist', (name) => {
  const links = [...readCollectorFile(name).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(0)
  expect(links.filter((link) => !existsSync(join(COLLECTOR_FOLDER, link)))).toEqual([])
  const tests = [...readCollectorFile(name).matchAll(/test\/[\w/.-]+\.(?:test|bench)\.ts/g)].map(([file]) => file)
  expect(tests.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
})

test('every file of the folder has its place on the page', () => {
  const files = readdirSync(COLLECTOR_FOLDER).filter((name) => name.endsWith('.yaml'))
  expect(files.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})

test('every claim about Grafana or Docker that was not tried stays where it is marked so', () => {
  const words = ['works', 'in', 'Grafana'].join(' ')
  const args = ['grep', '--ignore-case', '--files-with-matches', '--fixed-strings', words]
  const found = (): string => {
    try {
      return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
    } catch (error) {
      // 1: nothing found.
      return (error as { status?: number }).status === 1 ? '' : String(error)
    }
  }
  expect(found()).toBe('')
  expect(readFileSync(join(COLLECTOR_FOLDER, 'PROVE-WITH-DOCKER.md'), 'utf8')).toContain('None of it has been run.')
})
