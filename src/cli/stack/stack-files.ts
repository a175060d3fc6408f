/**
 * The stack's files: which of this package's belong to it, and how they compare with those in a user's folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Below the package's root. `grafana/` holds more in a checkout: what the dashboards are built from. */
const FOLDERS = [
  'collector',
  'grafana/dashboards',
  'grafana/dashboards-metrics',
  'grafana/provisioning',
  'grafana/provisioning-metrics',
] as const
/** Linked from collector/PROVE-WITH-DOCKER.md. */
const DOCUMENTS = ['grafana/PROVE.md'] as const
const COMPOSE = /^(?:docker-compose\.yml|compose\.[a-z-]+\.yaml)$/

export const COMPOSE_FILE = 'docker-compose.yml'

/** Relative, with `/`, in order. */
export function listStackFiles(root: string): readonly string[] {
  const compose = readdirSync(root).filter((name) => COMPOSE.test(name))
  const inFolders = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length)),
  )
  const documents = DOCUMENTS.filter((file) => existsSync(join(root, file)))
  return [...compose, ...documents, ...inFolders].map((name) => name.replaceAll('\\', '/')).toSorted()
}

/** `compose.kafka.yaml` is the overlay `kafka`. */
export function listOverlays(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => COMPOSE.test(name) && name !== COMPOSE_FILE)
    .map((name) => name.split('.')[1]!)
    .toSorted()
}

export function overlayFile(overlay: string): string {
  return `compose.${overlay}.yaml`
}

export interface Comparison {
  readonly missing: readonly string[]
  readonly different: readonly string[]
  readonly equal: readonly string[]
}

/** @param from  the package; `to`: the user's folder */
export function compareFiles(from: string, to: string): Comparison {
  const groups = Object.groupBy(listStackFiles(from), (name) => {
    if (!existsSync(join(to, name))) return 'missing'
    return readFileSync(join(from, name)).equals(readFileSync(join(to, name))) ? 'equal' : 'different'
  })
  return { missing: groups.missing ?? [], different: groups.different ?? [], equal: groups.equal ?? [] }
}

/** Replaces what is there. @param names  of listStackFiles. @throws the file system's error */
export function copyFiles(from: string, to: string, names: readonly string[]): void {
  for (const name of names) {
    const target = join(to, name)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(join(from, name)))
  }
}
