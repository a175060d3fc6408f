/**
 * Whose file is it, and does that process live? Told by the file's name and by when it was last touched: there is no lock.
 *
 * An owner is `<boot id>-<namespace of its pid>-<pid>-<start in clock ticks>`; what a system does not say is `0`. In our own namespace
 * /proc knows for certain, whatever pids were given out again. Elsewhere (another container, another system, another boot) an owner
 * lives while one of its files is touched: each owner touches one every second.
 */
import { readFileSync, readlinkSync } from 'node:fs'

/** How long an owner that cannot be looked up may touch nothing. Milliseconds. Source: spec, pipeline. */
const STALE_MILLIS = 5_000
const UNKNOWN = '0'

/** How an owner stands in file names: no dots. */
export const OWNER_PATTERN = '[0-9a-f]+-[0-9]+-[0-9]+-[0-9]+'

export interface OwnerSystem {
  /** A file of /proc. @throws when it is not there */
  readonly read: (path: string) => string
  /** Where a link of /proc leads. @throws when it is not there */
  readonly readLink: (path: string) => string
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly wallMillis: () => number
}

export interface Owners {
  /** This process. */
  readonly own: string
  /** @param touchedMillis  when a file of that owner was last touched. Milliseconds since the epoch */
  isGone(owner: string, touchedMillis: number): boolean
}

export function createOwners(system: OwnerSystem): Owners {
  const boot = attempt(() => system.read('/proc/sys/kernel/random/boot_id').trim().replaceAll('-', '')) ?? UNKNOWN
  const namespace = attempt(() => /\d+/.exec(system.readLink('/proc/self/ns/pid'))?.[0]) ?? UNKNOWN
  const ticksOf = (pid: string): string | undefined => attempt(() => startTicks(system.read(`/proc/${pid}/stat`)))
  const own = `${boot}-${namespace}-${system.pid}-${ticksOf(String(system.pid)) ?? UNKNOWN}`
  return {
    own,
    isGone(owner, touchedMillis) {
      const [itsBoot, itsNamespace, pid = '', ticks] = owner.split('-')
      if (itsBoot === boot && itsNamespace === namespace && boot !== UNKNOWN && ticks !== UNKNOWN)
        return ticksOf(pid) !== ticks
      return owner !== own && system.wallMillis() - touchedMillis > STALE_MILLIS
    },
  }
}

/** The real system. */
export function ownersHere(wallMillis: () => number): Owners {
  return createOwners({
    read: (path) => readFileSync(path, 'latin1'),
    readLink: (path) => readlinkSync(path),
    pid: process.pid,
    wallMillis,
  })
}

/** The command before may hold spaces. A zombie holds nothing any more: it has no start. */
function startTicks(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 'ZX'.includes(fields[0] ?? 'X') ? undefined : fields[19]
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
