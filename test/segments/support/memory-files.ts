/**
 * SegmentFiles in memory whose plug can be pulled: what was not synced is lost, in whole or in part, names included.
 */
import type { SegmentFiles, SegmentFile } from '../../../src/segments/segment-files.ts'

interface MemoryFile {
  bytes: Buffer
  /** How many of its bytes are on the "disk". */
  synced: number
  /** Whether its name is. */
  isNamed: boolean
}

export interface MemoryFiles extends SegmentFiles {
  readonly aside: Map<string, Uint8Array>
  /** What the next writes and syncs do. */
  fault: 'none' | 'full' | 'sync'
  /** What a power loss leaves: all that was synced and a random part of the rest. This one goes on for who has it open. */
  afterPowerLoss(random: () => number): MemoryFiles
  /** Changes stored bytes, as a bad disk does; the file is made if need be. */
  damage(name: string, change: (bytes: Buffer) => Buffer): void
  names(): readonly string[]
}

const systemError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code })

export function memoryFiles(): MemoryFiles {
  const files = new Map<string, MemoryFile>()
  const aside = new Map<string, Uint8Array>()
  const found = (name: string): MemoryFile => {
    const file = files.get(name)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }
  const state: MemoryFiles = {
    aside,
    fault: 'none',
    names: () => [...files.keys()].toSorted(),
    list: async () => [...files.keys()],
    create: async (name) => {
      if (files.has(name)) throw systemError('EEXIST')
      const file: MemoryFile = { bytes: Buffer.alloc(0), synced: 0, isNamed: false }
      files.set(name, file)
      return segmentFile(file, () => state.fault)
    },
    read: async (name) => Buffer.from(found(name).bytes),
    size: async (name) => found(name).bytes.length,
    remove: async (name) => void files.delete(name),
    setAside: async (name, bytes) => void aside.set(name, Uint8Array.from(bytes)),
    syncDirectory: async () => {
      for (const file of files.values()) file.isNamed = true
    },
    afterPowerLoss: (random) => {
      const survivor = memoryFiles()
      for (const [name, file] of files) {
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
      files.set(name, { bytes, synced: bytes.length, isNamed: true })
    },
  }
  return state
}

function segmentFile(file: MemoryFile, fault: () => MemoryFiles['fault']): SegmentFile {
  return {
    append: async (parts) => {
      const bytes = Buffer.concat(parts)
      if (fault() === 'full') {
        file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, bytes.length / 2)])
        throw systemError('ENOSPC')
      }
      file.bytes = Buffer.concat([file.bytes, bytes])
    },
    sync: async () => {
      if (fault() === 'sync') throw systemError('EIO')
      file.synced = file.bytes.length
    },
    truncate: async (length) => {
      file.bytes = Buffer.from(file.bytes.subarray(0, length))
      file.synced = Math.min(file.synced, length)
    },
    close: async () => {},
  }
}
