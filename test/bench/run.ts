/**
 * Runs the benchmarks one after the other: `npm run bench`, `npm run bench -- --only start-up`, `-- --full` (larger data).
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { only: { type: 'string' }, full: { type: 'boolean', default: false } } })
const folder = fileURLToPath(new URL('.', import.meta.url))
const names = globSync('*.bench.ts', { cwd: folder })
  .map((file) => basename(file, '.bench.ts'))
  .toSorted()
const chosen = values.only === undefined ? names : names.filter((name) => name === values.only)
if (chosen.length === 0) {
  console.error(`--only is "${values.only}", but must be one of ${names.join(', ')}`)
  process.exit(2)
}
for (const name of chosen) {
  const args = values.full ? ['--full'] : []
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.bench.ts`), ...args], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
