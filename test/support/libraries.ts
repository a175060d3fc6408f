/**
 * Programs of tests beside the libraries that they use: one file runs with the oldest and the newest versions that we support.
 *
 * A library resolves as it does for a user, for `require` and for `import`: the programs are copied into a folder whose
 * node_modules is the one of a set. `npm test` installs the sets (test/libraries/<set>/package.json).
 *
 *   await runChild(libraryProgram('loggers/pino.mjs', 'newest'), { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Oldest: the first version that a bridge or hop supports. Between: beside which a seam changed. */
export type LibrarySet = 'oldest' | 'between' | 'newest'

const ROOT = fileURLToPath(new URL('../libraries', import.meta.url))
const folders = new Map<LibrarySet, string>()

process.on('exit', () => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true })
})

/** The absolute path of a program of test/libraries/programs, beside the libraries of that set. */
export function libraryProgram(program: string, set: LibrarySet): string {
  return join(folderOf(set), program)
}

/** Which version a set has of a package; `undefined`: none. */
export function libraryVersion(name: string, set: LibrarySet): string | undefined {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, set, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return dependencies[name]
}

function folderOf(set: LibrarySet): string {
  const known = folders.get(set)
  if (known !== undefined) return known
  const folder = mkdtempSync(join(tmpdir(), `tracelog-${set}-`))
  folders.set(set, folder)
  cpSync(join(ROOT, 'programs'), folder, { recursive: true })
  symlinkSync(join(ROOT, set, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
