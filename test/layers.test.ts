/**
 * The layer rules of src/ARCHITECTURE.md still fire: one legal and one illegal import per folder, at two depths.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Canary {
  /** The folder below src/ that imports. */
  readonly from: string
  /** What it may import, relative to src/. */
  readonly legal: string
  /** What it must not import, relative to src/, or a package. */
  readonly illegal: string
}

const CANARIES: readonly Canary[] = [
  { from: 'model', legal: 'model/time.ts', illegal: 'diag/errors.ts' },
  { from: 'model', legal: 'model/time.ts', illegal: 'node:fs' },
  { from: 'diag', legal: 'model/time.ts', illegal: 'config/env.ts' },
  { from: 'segments', legal: 'diag/errors.ts', illegal: 'export/intake.ts' },
  { from: 'context', legal: 'diag/errors.ts', illegal: 'record/sinks.ts' },
  { from: 'record', legal: 'context/request-unit.ts', illegal: 'process/redactor.ts' },
  { from: 'capture', legal: 'record/sinks.ts', illegal: 'export/intake.ts' },
  { from: 'tasks', legal: 'record/sinks.ts', illegal: 'capture/instrumentation.ts' },
  { from: 'process', legal: 'context/request-unit.ts', illegal: 'record/sinks.ts' },
  { from: 'returning', legal: 'diag/timers.ts', illegal: 'process/redactor.ts' },
  { from: 'export', legal: 'model/time.ts', illegal: 'context/request-unit.ts' },
  { from: 'export', legal: 'segments/frame.ts', illegal: 'backend/journal/journal.ts' },
  { from: 'config', legal: 'diag/errors.ts', illegal: 'app/start.ts' },
  { from: 'app', legal: 'export/intake.ts', illegal: 'backend/start.ts' },
  { from: 'query-text', legal: 'diag/errors.ts', illegal: 'tree/build-tree.ts' },
  { from: 'query-text', legal: 'model/api.ts', illegal: 'node:fs' },
  { from: 'tree', legal: 'model/api.ts', illegal: 'diag/errors.ts' },
  { from: 'tree', legal: 'model/api.ts', illegal: 'backend/query/query.ts' },
  { from: 'testing', legal: 'tree/build-tree.ts', illegal: 'record/sinks.ts' },
  { from: 'client', legal: 'client/pause.ts', illegal: 'model/time.ts' },
  { from: 'client', legal: 'client/pause.ts', illegal: 'node:http' },
  { from: 'sources', legal: 'model/api.ts', illegal: 'config/env.ts' },
  { from: 'sources', legal: 'query-text/match.ts', illegal: 'backend/query/query.ts' },
  { from: 'sources', legal: 'tree/build-tree.ts', illegal: 'cli/io.ts' },
  { from: 'mcp', legal: 'sources/log-source.ts', illegal: 'backend/query/query.ts' },
  { from: 'mcp', legal: 'tree/text/fit-rows.ts', illegal: 'cli/io.ts' },
  { from: 'mcp', legal: 'query-text/parse.ts', illegal: 'config/env.ts' },
  { from: 'sources', legal: 'query-text/parse.ts', illegal: 'mcp/server.ts' },
  { from: 'cli', legal: 'mcp/server.ts', illegal: 'app/start.ts' },
  { from: 'cli', legal: 'backend/start.ts', illegal: 'backend/store/store.ts' },
  { from: 'cli', legal: 'backend/hop-spans.ts', illegal: 'backend/backend.ts' },
  { from: 'cli', legal: 'sources/local.ts', illegal: 'app/start.ts' },
  { from: 'cli', legal: 'tree/text/render-trace.ts', illegal: 'query-text/match.ts' },
  { from: 'cli', legal: 'returning/return-grant.ts', illegal: 'app/return-handler.ts' },
  { from: 'cli', legal: 'client/with-logs.ts', illegal: 'record/sinks.ts' },
  { from: 'cli', legal: 'export/transports/http.ts', illegal: 'capture/instrumentation.ts' },
  { from: 'demo', legal: 'demo/traffic.ts', illegal: 'model/time.ts' },
  { from: 'backend/contract', legal: 'backend/contract/request-guard.ts', illegal: 'model/time.ts' },
  { from: 'backend/receive', legal: 'backend/contract/request-guard.ts', illegal: 'backend/journal/journal.ts' },
  { from: 'backend/journal', legal: 'segments/frame.ts', illegal: 'backend/store/store.ts' },
  { from: 'backend/store', legal: 'diag/errors.ts', illegal: 'segments/frame.ts' },
  { from: 'backend/store', legal: 'model/time.ts', illegal: 'backend/query/query.ts' },
  { from: 'backend/query', legal: 'backend/store/store.ts', illegal: 'backend/journal/journal.ts' },
  { from: 'backend/query', legal: 'tree/build-tree.ts', illegal: 'sources/local.ts' },
  { from: 'backend/receive', legal: 'model/time.ts', illegal: 'query-text/match.ts' },
  { from: 'app', legal: 'model/time.ts', illegal: 'query-text/match.ts' },
  { from: 'backend/show', legal: 'backend/query/query.ts', illegal: 'backend/store/store.ts' },
  { from: 'backend/show', legal: 'tree/text/render-trace.ts', illegal: 'sources/local.ts' },
  { from: 'backend/show', legal: 'backend/contract/request-guard.ts', illegal: 'config/env.ts' },
  { from: 'backend/ui', legal: 'model/api.ts', illegal: 'node:fs' },
  { from: 'backend/ui', legal: 'query-text/parse.ts', illegal: 'diag/errors.ts' },
  { from: 'backend/ui', legal: 'tree/text/render-trace.ts', illegal: 'backend/query/query.ts' },
  { from: 'backend/rules', legal: 'query-text/match.ts', illegal: 'backend/query/query.ts' },
  { from: 'backend/rules', legal: 'export/transports/http.ts', illegal: 'backend/receive/receive-sink.ts' },
]

const folder = mkdtempSync(join(tmpdir(), 'tracelog-layers-'))
let complaints: readonly string[] = []

/** The import as it would be written in a file of the folder `from`. */
function specifier(from: string, target: string): string {
  if (target.startsWith('node:')) return target
  const path = relative(from, target)
  return path.startsWith('.') ? path : `./${path}`
}

function canaryFile(index: number, depth: number, kind: 'legal' | 'illegal'): string {
  const { from } = CANARIES[index]!
  return join('src', from, ...Array<string>(depth).fill('deeper'), `canary-${index}-${kind}.ts`)
}

beforeAll(() => {
  copyFileSync(new URL('../.oxlintrc.json', import.meta.url), join(folder, '.oxlintrc.json'))
  for (const [index, canary] of CANARIES.entries()) {
    for (const depth of [0, 1]) {
      for (const kind of ['legal', 'illegal'] as const) {
        const file = join(folder, canaryFile(index, depth, kind))
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, `import '${specifier(`${canary.from}${'/deeper'.repeat(depth)}`, canary[kind])}'\n`)
      }
    }
  }
  const oxlint = new URL('../node_modules/oxlint/bin/oxlint', import.meta.url).pathname
  const run = spawnSync(process.execPath, [oxlint, '--format=json', 'src'], { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] }
  complaints = diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(CANARIES.map((canary, index) => ({ ...canary, index })))('$from', ({ index, legal, illegal }) => {
  test.each([0, 1])(`may import ${legal} and not ${illegal}, at depth %i`, (depth) => {
    expect(complaints).toContain(canaryFile(index, depth, 'illegal'))
    expect(complaints).not.toContain(canaryFile(index, depth, 'legal'))
  })
})
