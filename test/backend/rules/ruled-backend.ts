/** A backend with rules, over its real store, and what arrived where. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { RunningBackend } from '../../../src/backend/backend.ts'
import { startBackend } from '../../../src/backend/start.ts'
import { findRulesFile } from '../../../src/config/backend-rules.ts'
import type { LogRow, RuleStatus } from '../../../src/model/api.ts'
import { createLocalSource } from '../../../src/sources/local.ts'
import { temporaryDirectory, testConfig } from '../support/backend.ts'

const YAML = new URL('../../../dist/yaml.cjs', import.meta.url).pathname

export interface RuledBackend {
  readonly backend: RunningBackend
  readonly folder: string
  write(rules: string): void
  /** Waits for nothing. */
  rows(query?: string): Promise<readonly LogRow[]>
  status(): Promise<readonly RuleStatus[]>
  /** Whole lines of a file beside the rules; `[]` when it is not there. */
  lines(name: string): readonly string[]
}

export async function startRuledBackend(
  rules: string,
  files: Readonly<Record<string, string>> = {},
): Promise<RuledBackend> {
  const folder = temporaryDirectory()
  const path = join(folder, 'tracelog.yaml')
  mkdirSync(join(folder, 'data'))
  writeFileSync(path, rules)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const file = findRulesFile({
    flag: path,
    env: { SEEN_BY_PLUGIN: 'yes', NOT_SEEN: 'no' },
    cwd: folder,
    yamlPath: YAML,
  })
  const backend = await startBackend(testConfig(join(folder, 'data'), { rules: file }))
  onTestFinished(() => backend.stop())
  const source = createLocalSource({ api: backend.ready.api, token: backend.ready.token })
  return {
    backend,
    folder,
    write: (text) => writeFileSync(path, text),
    rows: async (text = '') => (await source.logs({ text, limit: 5_000 })).logs,
    status: async () => (await source.status()).rules ?? [],
    lines: (name) => {
      try {
        return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
      } catch {
        return []
      }
    },
  }
}
