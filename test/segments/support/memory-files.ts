/**
 * Segment files in memory whose plug can be pulled: what was not synced is lost, in whole or in part, names included.
 */
import type { SegmentFile, SharedSegmentFiles } from '../../../src/segments/segment-files.ts'

interface MemoryFile {
  bytes: Buffer
  /** How many of its bytes are on the "disk". */
  synced: number
  /** Whether its name is. */
  isNamed: boolean
  touchedMillis: number
}

/** A change of names that is not on the "disk" yet. */
type Undo = (files: Map<string, MemoryFile>) => void

/** What operations do: `full` takes a part and says ENOSPC, `sync` fails to force, a code fails whatever is asked. */
export type Fault = 'none' | 'full' | 'sync' | { readonly code: string }

export interface MemoryFiles extends SharedSegmentFiles {
  readonly aside: Map<string, Uint8Array>
  /** What the next operations do. */
  fault: Fault
  /** Awaited before each operation, to let a disk stall. */
  stall: Promise<void> | undefined
  /** What a kill of the process leaves: everything, but what it had open does nothing any more. */
  afterKill(): MemoryFiles
  /** What a power loss leaves: all that was synced and a random part of the rest. This one goes on for who has it open. */
  afterPowerLoss(random: () => number): MemoryFiles
  /** Changes stored bytes, as a bad disk does; the file is made if need be. */
  damage(name: string, change: (bytes: Buffer) => Buffer): void
  names(): readonly string[]
}

const systemError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code })

interface Disk {
  readonly files: Map<string, MemoryFile>
  readonly aside: Map<string, Uint8Array>
  undos: Undo[]
}

export function memoryFiles(nowMillis: () => number = () => 0): MemoryFiles {
  return filesOn({ files: new Map(), aside: new Map(), undos: [] }, nowMillis)
}

function filesOn(disk: Disk, nowMillis: () => number): MemoryFiles {
  const { files, aside } = disk
  let isDead = false
  const found = (name: string): MemoryFile => {
    const file = files.get(name)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }
  /** Waits only for a disk that stalls: all else happens at once. */
  const ready = (): Promise<void> | undefined => {
    if (isDead) return new Promise(() => {})
    if (typeof state.fault === 'object') throw systemError(state.fault.code)
    return state.stall
  }
  const state: MemoryFiles = {
    aside,
    fault: 'none',
    stall: undefined,
    names: () => [...files.keys()].toSorted(),
    list: async () => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      return [...files.keys()]
    },
    create: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      if (files.has(name)) throw systemError('EEXIST')
      const file: MemoryFile = { bytes: Buffer.alloc(0), synced: 0, isNamed: false, touchedMillis: nowMillis() }
      files.set(name, file)
      return segmentFile(file, ready, () => state.fault)
    },
    reopen: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      return segmentFile(found(name), ready, () => state.fault)
    },
    read: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      return Buffer.from(found(name).bytes)
    },
    size: async (name) => found(name).bytes.length,
    look: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      return { touchedMillis: found(name).touchedMillis, bytes: found(name).bytes.length }
    },
    touch: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      found(name).touchedMillis = nowMillis()
    },
    rename: async (from, to) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      const file = found(from)
      const before = files.get(to)
      files.delete(from)
      files.set(to, file)
      // Either the old file or the new one is there, never none.
      if (before?.isNamed === true) file.isNamed = true
      disk.undos.push((names) => {
        names.delete(to)
        names.set(from, file)
        if (before !== undefined) names.set(to, before)
      })
    },
    remove: async (name) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      const file = files.get(name)
      files.delete(name)
      if (file?.isNamed === true) disk.undos.push((names) => names.set(name, file))
    },
    setAside: async (name, bytes) => void aside.set(name, Uint8Array.from(bytes)),
    syncDirectory: async () => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      for (const file of files.values()) file.isNamed = true
      disk.undos = []
    },
    afterKill: () => {
      isDead = true
      return filesOn(disk, nowMillis)
    },
    afterPowerLoss: (random) => {
      const survivor = memoryFiles(nowMillis)
      const names = new Map(files)
      // Names are changed in order, and the disk is somewhere on the way.
      for (const undo of disk.undos.slice(Math.floor(random() * (disk.undos.length + 1))).toReversed()) undo(names)
      for (const [name, file] of names) {
        if (!file.isNamed && random() < 0.5) continue
        const kept = file.synced + Math.floor(random() * (file.bytes.length - file.synced + 1))
        const bytes = Buffer.from(file.bytes.subarray(0, kept))
        // Pages reach a disk in any order: what was not synced may hold anything.
        if (random() < 0.3) bytes.fill(0, file.synced)
        survivor.damage(name, () => bytes)
      }
      return survivor
    },
    damage: (name, change) => {
      const bytes = change(files.get(name)?.bytes ?? Buffer.alloc(0))
      files.set(name, { bytes, synced: bytes.length, isNamed: true, touchedMillis: nowMillis() })
    },
  }
  return state
}

function segmentFile(file: MemoryFile, ready: () => Promise<void> | undefined, fault: () => Fault): SegmentFile {
  return {
    append: async (parts) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      const bytes = Buffer.concat(parts)
      if (fault() === 'full') {
        file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, bytes.length / 2)])
        throw systemError('ENOSPC')
      }
      file.bytes = Buffer.concat([file.bytes, bytes])
    },
    sync: async () => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      if (fault() === 'sync') throw systemError('EIO')
      file.synced = file.bytes.length
    },
    truncate: async (length) => {
      const stalled = ready()
      if (stalled !== undefined) await stalled
      file.bytes = Buffer.from(file.bytes.subarray(0, length))
      file.synced = Math.min(file.synced, length)
    },
    close: async () => {},
  }
}
