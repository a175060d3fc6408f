/**
 * Small real applications, run unchanged under `node --import @org/tracelog/register`: one request each, whose tree is the one beside
 * it (expected-tree.txt), with every line of every process; and each prints and answers what it does without us.
 *
 * To write the trees anew: `npx vitest run --config test/vitest.config.ts test/apps -u`; then read what has changed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { installApplication, type RunningApplication } from '../support/applications.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { maskedOutput, maskedTree } from '../support/masked.ts'
import { CASES, type ApplicationCase } from './cases.ts'

let backend: DevBackend
beforeAll(async () => {
  backend = await startDevBackend()
})
afterAll(() => backend.stop())

for (const each of CASES) {
  each.it(each.folder, { timeout: 120_000 }, async () => {
    const installed = installApplication(each)
    const servers = await each.servers()
    try {
      const start = (run: number, env: Readonly<Record<string, string>> = {}): Promise<RunningApplication> =>
        installed.start({ isPreloaded: run === 0, env: { ...servers.env(run), ...each.env, ...env } })
      const heard = await start(0, { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint })
      const answer = await ask(heard, each)
      const tree = await wholeTree(heard, answer.traceId, each)
      await expect(tree).toMatchFileSnapshot(treeFile(each))

      const bare = await start(1)
      const bareAnswer = await ask(bare, each)
      await expect.poll(() => outputOf(bare, each)).toEqual(outputOf(heard, each))
      expect(answer.said).toEqual(bareAnswer.said)
    } finally {
      await installed.remove()
      await servers.stop()
    }
  })
}

interface Answer {
  readonly said: string
  readonly traceId: string
}

/** A request as anybody sends it: which trace it became is told by the answer. */
async function ask(app: RunningApplication, { request, body }: ApplicationCase): Promise<Answer> {
  const [method, path] = request.split(' ')
  const response = await fetch(app.url('start') + path, {
    method: method!,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', connection: 'close' } }),
  })
  const text = await response.text()
  const traceId = /00-([0-9a-f]{32})-/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? ''
  return { said: maskedOutput(`${response.status} ${text}`), traceId }
}

/** Of all that is there when the application has done it all and has ended. */
async function wholeTree(app: RunningApplication, traceId: string, each: ApplicationCase): Promise<string> {
  for (const [script, text] of Object.entries(each.last ?? {})) {
    await expect.poll(() => app.stdout(script), { timeout: 20_000 }).toContain(text)
  }
  const expected = expectedTree(each)
  const tree = async (): Promise<string> => maskedTree((await backend.run(['trace', traceId])).out)
  // Batches are under way: the end of a process waits for them, but not for ever.
  await expect
    .poll(tree, { timeout: 10_000 })
    .toBe(expected)
    .catch(() => {})
  await app.stop()
  return tree()
}

function expectedTree(each: ApplicationCase): string {
  try {
    return readFileSync(treeFile(each), 'utf8')
  } catch {
    return ''
  }
}

function treeFile({ folder }: ApplicationCase): string {
  return join(import.meta.dirname, folder, 'expected-tree.txt')
}

/** What each process printed. */
function outputOf(app: RunningApplication, { scripts }: ApplicationCase): Readonly<Record<string, string>> {
  return Object.fromEntries(scripts.map((script) => [script, maskedOutput(app.stdout(script) + app.stderr(script))]))
}
