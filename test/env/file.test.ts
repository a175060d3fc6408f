/** Rotation of the aggregated file, and the format of the exporter `console`. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { run } from './run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('TRACELOG_FILE_MAX_BYTES and TRACELOG_FILE_MAX_FILES: so many files, none much larger', async () => {
  const env = {
    TRACELOG_FILE: join(folder, 'all.jsonl'),
    TRACELOG_FILE_MAX_BYTES: '1024',
    TRACELOG_FILE_MAX_FILES: '2',
  }
  await run('env/ticks.cjs', [], { ...env, OTEL_BLRP_SCHEDULE_DELAY: '0', OTEL_LOGS_EXPORTER: 'file' })
  const files = readdirSync(folder)
  expect(files).toHaveLength(2)
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(2048)
})

test.each([
  { format: 'text', isJson: false },
  { format: 'json', isJson: true },
])('TRACELOG_CONSOLE_FORMAT=$format: the lines are JSON: $isJson', async ({ format, isJson }) => {
  const { stdout } = await run('env/says.cjs', ['{"message":"a line"}'], {
    OTEL_LOGS_EXPORTER: 'console',
    TRACELOG_CONSOLE_FORMAT: format,
  })
  expect(stdout).toContain('a line')
  expect(stdout.startsWith('{')).toBe(isJson)
})
