/**
 * Small real applications, run unchanged under `node --import @org/tracelog/register`: one request each, whose tree is the one beside
 * it (expected-tree.txt), of some a second one that fails, with every line of every process; and each prints and answers what it does
 * without us.
 *
 * To write the trees anew: `npx vitest run --config test/vitest.config.ts test/apps -u`; then read what has changed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { installApplication, type RunningApplication } from '../support/applications.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { maskedOutput, maskedTree } from '../support/masked.ts'
import { CASES, type ApplicationCase, type Asked } from './cases.ts'

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
      const answers = await askAll(heard, each)
      await Promise.all(answers.map((answer) => untilAsExpected(answer, each)))
      // All that is there when the application has ended.
      await heard.stop()
      for (const answer of answers) await expect(await treeOf(answer)).toMatchFileSnapshot(treeFile(answer, each))

      const bare = await start(1)
      const bareAnswers = await askAll(bare, each)
      await expect.poll(() => outputOf(bare, each)).toEqual(outputOf(heard, each))
      expect(answers.map(({ said }) => said)).toEqual(bareAnswers.map(({ said }) => said))
    } finally {
      await installed.remove()
      await servers.stop()
    }
  })
}

interface Answer {
  readonly asked: Asked
  readonly said: string
  readonly traceId: string
}

/** One after the other, each when all that it causes is done. */
async function askAll(app: RunningApplication, each: ApplicationCase): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const asked of each.failing === undefined ? [each] : [each, each.failing]) {
    answers.push(await ask(app, asked))
    for (const [script, text] of Object.entries(asked.last ?? {})) {
      await expect.poll(() => app.stdout(script), { timeout: 20_000 }).toContain(text)
    }
  }
  return answers
}

/** A request as anybody sends it: which trace it became is told by the answer. */
async function ask(app: RunningApplication, asked: Asked): Promise<Answer> {
  const [method, path] = asked.request.split(' ')
  const response = await fetch(app.url('start') + path, {
    method: method!,
    ...(asked.body === undefined
      ? {}
      : { body: JSON.stringify(asked.body), headers: { 'content-type': 'application/json', connection: 'close' } }),
  })
  const text = await response.text()
  const traceId = /00-([0-9a-f]{32})-/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? ''
  return { asked, said: maskedOutput(`${response.status} ${text}`), traceId }
}

async function treeOf({ traceId }: Answer): Promise<string> {
  return maskedTree((await backend.run(['trace', traceId])).out)
}

/** Batches are under way: the end of a process waits for them, but not for ever. What is otherwise then is told by the comparison. */
async function untilAsExpected(answer: Answer, each: ApplicationCase): Promise<void> {
  const file = treeFile(answer, each)
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : ''
  await expect
    .poll(() => treeOf(answer), { timeout: 10_000 })
    .toBe(expected)
    .catch(() => {})
}

function treeFile({ asked }: Answer, { folder, failing }: ApplicationCase): string {
  return join(import.meta.dirname, folder, asked === failing ? 'expected-failure.txt' : 'expected-tree.txt')
}

/** What each process printed. */
function outputOf(app: RunningApplication, { scripts }: ApplicationCase): Readonly<Record<string, string>> {
  return Object.fromEntries(scripts.map((script) => [script, maskedOutput(app.stdout(script) + app.stderr(script))]))
}
