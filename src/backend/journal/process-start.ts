/**
 * Whether the process that wrote a pid down is still the one that has it: pids are given out again.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Something that differs between two processes that had the same pid, or undefined when this system does not say.
 *
 * Linux: the boot's id and the start time in clock ticks. Elsewhere: what `ps` prints as the start time.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStart(pid)
  if (process.platform === 'win32') return undefined
  const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 })
  const text = ps.status === 0 ? ps.stdout.trim() : ''
  return text === '' ? undefined : text
}

function linuxStart(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the command in parentheses and may hold spaces; the start time is the 22nd field of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot}:${fields[19]}`
  } catch {
    return undefined
  }
}

/** @param start  what processStart said when the pid was written down; undefined: nothing is known but the pid */
export function isSameProcess(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = processStart(pid)
  return start === undefined || now === undefined || now === start
}
