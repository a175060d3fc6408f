/** `npm run grafana`: writes every built file of grafana/, and removes those that are no longer built. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { BUILT_FOLDERS, builtFiles } from './files.ts'

const folder = new URL('..', import.meta.url).pathname
for (const name of BUILT_FOLDERS) rmSync(join(folder, name), { recursive: true, force: true })
for (const [path, text] of builtFiles()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
