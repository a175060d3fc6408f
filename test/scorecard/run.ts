/**
 * Prints the scorecard: `npm run scorecard`, `-- --full` (whole sizes: hours), `-- --only 6`.
 *
 * Ends with 1 when a row has no points.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { SCALE_VARIABLE } from '../support/scale.ts'
import { filesOf } from './files.ts'
import { FULL_POINTS, pointsOf, type FileResult, type RowResult } from './points.ts'
import { ROWS } from './rows.ts'

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false }, only: { type: 'string' } } })
const rows = values.only === undefined ? ROWS : ROWS.filter(({ row }) => String(row) === values.only)
if (rows.length === 0) {
  console.error(`--only is "${values.only}", but must be one of ${ROWS.map(({ row }) => row).join(', ')}`)
  process.exit(2)
}
const results = run([...new Set(rows.flatMap((row) => filesOf(row)))], values.full)
const card = rows.map((row) => pointsOf(row, filesOf(row), results))
print(card, values.full)
if (card.some(({ points }) => points === 0)) process.exitCode = 1

function run(files: readonly string[], isFull: boolean): ReadonlyMap<string, FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-scorecard-'))
  const report = join(folder, 'report.jsonl')
  try {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const timeouts = isFull ? ['--testTimeout=7200000'] : []
    spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config=test/vitest.config.ts',
        '--reporter=./.ci/report.mjs',
        ...timeouts,
        ...files,
      ],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, TRACELOG_CI_REPORT: report, ...(isFull ? { [SCALE_VARIABLE]: 'full' } : {}) },
      },
    )
    const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean)
    const read = lines.map((line) => JSON.parse(line) as Partial<FileResult>)
    return new Map(read.flatMap((line) => (line.module === undefined ? [] : [[line.module, line as FileResult]])))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function print(lines: readonly RowResult[], isFull: boolean): void {
  console.log(`\nScorecard, ${isFull ? 'whole' : "a pull request's size"}, Node ${process.versions.node}\n`)
  for (const { row, points, passed, remark } of lines) {
    const said = [`${passed} tests`, remark].filter(Boolean).join(' · ')
    console.log(`${String(row.row).padStart(3)}  ${points} of ${FULL_POINTS}  ${row.title.padEnd(48)} ${said}`)
  }
  const sum = lines.reduce((total, { points }) => total + points, 0)
  console.log(`\n     ${sum} of ${lines.length * FULL_POINTS} points in ${lines.length} rows`)
}
