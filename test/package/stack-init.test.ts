/** `npx tracelog stack init` of the installed tarball: the files are those of the checkout, and their programs accept them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { listStackFiles } from '../../src/cli/stack/stack-files.ts'
import { installedProject, type Project } from '../support/package.ts'
import { findServer, requireServers } from '../support/servers/program.ts'
import { runToEnd } from '../support/servers/server-process.ts'

const root = new URL('../..', import.meta.url).pathname
let project: Project
let said = ''

beforeAll(() => {
  project = installedProject([])
  said = execFileSync(process.execPath, ['node_modules/@org/tracelog/dist/cli.js', 'stack', 'init'], {
    cwd: project.folder,
    encoding: 'utf8',
  })
}, 120_000)
afterAll(() => project.remove())

test('every file is there, byte for byte', () => {
  const files = listStackFiles(root)
  expect(files).toContain('collector/standalone.yaml')
  expect(listStackFiles(project.folder)).toEqual(files)
  for (const file of files) {
    expect(readFileSync(join(project.folder, file)).equals(readFileSync(join(root, file))), file).toBe(true)
  }
  expect(said).toContain(`Files written: ${files.length};`)
})

requireServers('otelcol').for(['standalone', 'agent', 'gateway'])(
  'otelcol accepts collector/%s.yaml from there',
  async (role) => {
    const data = mkdtempSync(join(tmpdir(), 'tracelog-stack-init-'))
    const config = join(project.folder, 'collector', `${role}.yaml`)
    const env = { TRACELOG_DATA: data, TRACELOG_AGGREGATE: join(data, 'logs.jsonl') }
    const ran = await runToEnd(findServer('otelcol')!, ['validate', '--config', config], env)
    rmSync(data, { recursive: true, force: true })
    expect(ran).toMatchObject({ code: 0 })
  },
)

const STORES = [
  { server: 'loki', verify: '-verify-config' },
  { server: 'tempo', verify: '-config.verify=true' },
] as const

requireServers('loki', 'tempo').for(STORES)('$server accepts its file from there', async ({ server, verify }) => {
  const config = join(project.folder, 'collector', `${server}.yaml`)
  const ran = await runToEnd(findServer(server)!, [`-config.file=${config}`, '-config.expand-env=true', verify])
  expect(ran).toMatchObject({ code: 0 })
})
