/**
 * Which test files show a row of the scorecard.
 */
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { ScorecardRow } from './rows.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** This folder's files of a row, below the checkout. */
function ownFiles(row: number): readonly string[] {
  const number = String(row).padStart(2, '0')
  return globSync(`${number}-*.test.ts`, { cwd: folder })
    .toSorted()
    .map((name) => `test/scorecard/${name}`)
}

/** All files that show the row, below the checkout. */
export function filesOf({ row, shownBy }: ScorecardRow): readonly string[] {
  return [...ownFiles(row), ...shownBy.map((name) => `test/${name}.test.ts`)]
}
