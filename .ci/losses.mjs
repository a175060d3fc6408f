/**
 * The loss table: what each fault of test/stack did to what had been acknowledged, from the rows that those tests keep in
 * .cache/losses (test/stack/faults/support/losses.ts).
 *
 *     node .ci/losses.mjs [FOLDER]     prints it
 *     node .ci/losses.mjs --write      writes it into collector/LOSSES.md
 *     node .ci/losses.mjs --measure    runs the tests first, then writes it (`npm run losses`)
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = join(root, '.cache', 'losses')
const page = join(root, 'collector', 'LOSSES.md')
const BEGIN = '<!-- measured: npm run losses -->\n'
const END = '<!-- /measured -->\n'

if (process.argv[2] === '--measure') measure()
if (process.argv[2] === '--measure' || process.argv[2] === '--write') write()
else process.stdout.write(renderTable(process.argv[2] ?? kept))

function measure() {
  rmSync(kept, { recursive: true, force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const folders = ['test/stack/faults', 'test/stack/load-balancers']
  const args = [vitest, 'run', '--config', 'test/vitest.config.ts', ...folders]
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(1)
}

function write() {
  const [before, rest = ''] = readFileSync(page, 'utf8').split(BEGIN)
  const measured = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}.\n`
  writeFileSync(page, `${before}${BEGIN}${measured}\n${renderTable(kept)}${END}${rest.split(END)[1] ?? ''}`)
}

function renderTable(folder) {
  const rows = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .toSorted()
        .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    : []
  const cells = rows.map((row) => [row.fault, row.where, row.acknowledged, row.stored, row.duplicated, row.lost])
  const head = ['fault', 'counted in', 'acknowledged', 'stored', 'duplicated', 'lost']
  const line = (texts) => `| ${texts.join(' | ')} |\n`
  return [line(head), line(['---', '---', '--:', '--:', '--:', '--:']), ...cells.map(line)].join('')
}
