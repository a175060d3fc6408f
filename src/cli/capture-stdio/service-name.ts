/**
 * Whose lines are these, where nobody says it? The project's that the command runs in, as for an application; else the program's.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

export function serviceNameFor(program: string, cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const name = nameIn(join(folder, 'package.json'))
    if (name !== undefined) return name
    if (dirname(folder) === folder) return basename(program, extname(program))
  }
}

/** `undefined`: there is no such file, or no name in it. */
function nameIn(file: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}
