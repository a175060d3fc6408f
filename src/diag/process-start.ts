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
    return `${boot}:${linuxFields(pid)[19]}`
  } catch {
    return undefined
  }
}

/** From the third one, its state, on: the second is the command in parentheses and may hold spaces. */
function linuxFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** It has ended, and only its parent has not asked how: its pid answers signals, but holds nothing. */
function isZombie(pid: number): boolean {
  if (process.platform === 'win32') return false
  try {
    if (process.platform === 'linux') return 'ZX'.includes(linuxFields(pid)[0] ?? '-')
  } catch {
    return false
  }
  const ps = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 })
  return ps.status === 0 && ps.stdout.trim().startsWith('Z')
}

/** @param start  what processStart said when the pid was written down; undefined: nothing is known but the pid */
export function isSameProcess(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  if (isZombie(pid)) return false
  const now = processStart(pid)
  return start === undefined || now === undefined || now === start
}
