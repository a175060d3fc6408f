/** The loss table is made of the rows that the tests of faults keep, and collector/LOSSES.md has a place for it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

test('a row for each fault and each place where it was counted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-losses-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const counts = { acknowledged: 7, stored: 6, duplicated: 2, lost: 1 }
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ fault: 'Tempo killed -9', where: 'Tempo', ...counts }))
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ fault: 'Loki away', where: 'Loki', ...counts }))
  const { stdout } = spawnSync(process.execPath, [join(root, '.ci/losses.mjs'), folder], { encoding: 'utf8' })
  expect(stdout.split('\n')).toEqual([
    '| fault | counted in | acknowledged | stored | duplicated | lost |',
    '| --- | --- | --: | --: | --: | --: |',
    '| Loki away | Loki | 7 | 6 | 2 | 1 |',
    '| Tempo killed -9 | Tempo | 7 | 6 | 2 | 1 |',
    '',
  ])
})

test('in the published table only what is not promised has losses', () => {
  const page = readFileSync(join(root, 'collector/LOSSES.md'), 'utf8')
  const table = page.slice(page.indexOf('<!-- measured'), page.indexOf('<!-- /measured'))
  const rows = table.split('\n').filter((line) => /^\|.*\d \|$/.test(line))
  expect(rows.length).toBeGreaterThan(15)
  const withLosses = rows.filter((row) => !row.endsWith(' 0 |')).map((row) => row.split('|')[1]!.trim())
  const unpromised = page
    .slice(page.indexOf('## What is not promised'), page.indexOf('## Measured'))
    .replaceAll(/\s+/g, ' ')
  for (const fault of withLosses) expect(unpromised).toContain(`\`${fault}\``)
})
