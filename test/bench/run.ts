/**
 * Runs the benchmarks one after the other: `npm run bench`, `npm run bench -- --only start-up`, `-- --full` (larger data). What the
 * chosen benchmark alone understands is handed on: `-- --only hot-path --against ../base --workload hello --peers`.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const args = process.argv.slice(2)
const at = args.indexOf('--only')
const only = at === -1 ? undefined : args.splice(at, 2)[1]
const folder = fileURLToPath(new URL('.', import.meta.url))
const names = globSync('*.bench.ts', { cwd: folder })
  .map((file) => basename(file, '.bench.ts'))
  .toSorted()
const chosen = only === undefined ? names : names.filter((name) => name === only)
if (chosen.length === 0) {
  console.error(`--only is "${only}", but must be one of ${names.join(', ')}`)
  process.exit(2)
}
for (const name of chosen) {
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.bench.ts`), ...args], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
