/**
 * Which streams does a process with the preload capture itself? It says so in a file, before a line of the application runs.
 *
 * A file, which the environment names: an inherited descriptor does not come through npm, nor through any other Node process between us and
 * the application. One line per process: its id, and the inodes of its standard output and standard error.
 */
import { closeSync, mkdtempSync, openSync, readlinkSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type StreamName = 'stdout' | 'stderr'

export interface Announcements {
  /** For TRACELOG_CAPTURED_BY. */
  readonly path: string
  /** Learns which pipes are ours; called once the child is there. */
  learn(childId: number | undefined): void
  /** Whether the bytes that have just come are of a process that captures that stream itself. */
  isCaptured(stream: StreamName): boolean
  stop(): void
}

interface Announced {
  readonly id: number
  readonly inodes: Readonly<Record<StreamName, string>>
}

/** Between two looks whether those processes still live. Milliseconds. */
const LOOK_MILLIS = 100

export function createAnnouncements(): Announcements {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-run-'))
  const path = join(folder, 'captured')
  const fd = openSync(path, 'a+', 0o600)
  const pipes: Partial<Record<StreamName, string>> = {}
  let announced: Announced[] = []
  let read = 0

  function look(): void {
    const buffer = Buffer.alloc(4096)
    for (let count = readSync(fd, buffer, 0, buffer.length, read); count > 0;) {
      const end = buffer.lastIndexOf(10, count - 1)
      if (end === -1) return
      announced.push(...parse(buffer.toString('latin1', 0, end)))
      read += end + 1
      count = readSync(fd, buffer, 0, buffer.length, read)
    }
  }
  // Its last bytes may still be in the pipe when it has gone: it is forgotten when the pipe has been quiet.
  const timer = setInterval(() => (announced = announced.filter(({ id }) => isAlive(id))), LOOK_MILLIS).unref()
  return {
    path,
    learn(childId) {
      for (const [stream, descriptor] of [
        ['stdout', 1],
        ['stderr', 2],
      ] as const) {
        const inode = inodeOf(childId, descriptor)
        if (inode !== undefined) pipes[stream] = inode
      }
    },
    isCaptured(stream) {
      look()
      const pipe = pipes[stream]
      return announced.some(({ inodes }) => pipe === undefined || inodes[stream] === pipe)
    },
    stop() {
      clearInterval(timer)
      closeSync(fd)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function parse(text: string): Announced[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d{1,10}) (\d{1,20}) (\d{1,20})$/.exec(line)
    return match === null ? [] : [{ id: Number(match[1]), inodes: { stdout: match[2]!, stderr: match[3]! } }]
  })
}

/** `pipe:[123]`, `socket:[123]`; `undefined` where the system does not tell, or the child has gone. */
function inodeOf(childId: number | undefined, descriptor: number): string | undefined {
  try {
    return /\[(\d+)\]$/.exec(readlinkSync(`/proc/${childId}/fd/${descriptor}`))?.[1]
  } catch {
    return undefined
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}
