/**
 * Which process listens on a port, as far as this user may know. Asked only when a port turned out to be taken.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface PortOwner {
  readonly pid: number
  /** Short: the program and its first argument. */
  readonly command: string
}

/** Listening, in /proc/net/tcp. */
const LISTEN = '0A'
/** Longest command shown. Characters. */
const MAX_COMMAND = 80

/** @returns undefined when it is not known: another user's process, or a system that does not say */
export function portOwner(port: number): PortOwner | undefined {
  try {
    return process.platform === 'linux' ? linuxOwner(port) : lsofOwner(port)
  } catch {
    return undefined
  }
}

function linuxOwner(port: number): PortOwner | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (socketsOf(pid).some((inode) => inodes.has(inode))) return { pid: Number(pid), command: commandOf(pid) }
  }
  return undefined
}

/** Columns: sl, local_address, rem_address, st, tx:rx, tr:tm, retrnsmt, uid, timeout, inode. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync(table, 'latin1').split('\n').slice(1)
  const columns = lines.map((line) => line.trim().split(/\s+/))
  return columns
    .filter((column) => column[1]?.endsWith(suffix) === true && column[3] === LISTEN)
    .map((column) => column[9] ?? '')
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''
      } catch {
        return ''
      }
    })
  } catch {
    return []
  }
}

function commandOf(pid: string): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return words
    .filter((word) => word !== '')
    .slice(0, 2)
    .join(' ')
    .slice(0, MAX_COMMAND)
}

/** `-Fpc`: one line `p<pid>` and one `c<command>`. */
function lsofOwner(port: number): PortOwner | undefined {
  const lsof = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8', timeout: 2_000 })
  const pid = /^p(\d+)$/m.exec(lsof.stdout)?.[1]
  if (pid === undefined) return undefined
  return { pid: Number(pid), command: /^c(.*)$/m.exec(lsof.stdout)?.[1] ?? '' }
}
