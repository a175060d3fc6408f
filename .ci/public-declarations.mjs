/**
 * Types that nobody can reach from the package's entry points are not packed: a sixth of the tarball.
 */
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Removes every declaration below `dist` but those that the exports of package.json name, and what these refer to. */
export function keepPublicDeclarations(/** @type {string} */ root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const kept = new Set()
  const wanted = typesOf(exports).map((file) => resolve(root, file))
  for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
    if (kept.has(file)) continue
    if (!existsSync(file)) throw new Error(`${file} is named by a declaration, but is not there`)
    kept.add(file)
    wanted.push(...referredTo(file))
  }
  for (const name of globSync('dist/**/*.d.{ts,cts}', { cwd: root })) {
    const file = join(root, name)
    if (!kept.has(file)) rmSync(file)
  }
}

/** @returns {string[]} */
function typesOf(/** @type {unknown} */ entry) {
  if (typeof entry !== 'object' || entry === null) return []
  return Object.entries(entry).flatMap(([key, value]) => (key === 'types' ? [String(value)] : typesOf(value)))
}

/** @returns {string[]} */
function referredTo(/** @type {string} */ file) {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, to]) =>
    resolve(dirname(file), to.replace(/\.(c?)[jt]s$/, '.d.$1ts')),
  )
}
