/**
 * Single operations on segments that are closed, or were another process's: each is one turn on the disk.
 */
import type { SharedSegmentFiles } from '../../segments/segment-files.ts'
import type { DamagedStretch } from './read-segment.ts'

/** The bytes of a segment; none when somebody removed it. @throws what else the system says */
export async function contentOf(files: SharedSegmentFiles, name: string): Promise<Uint8Array> {
  return files.read(name).catch(nothingIfGone)
}

export async function isThere(files: SharedSegmentFiles, name: string): Promise<boolean> {
  return files.look(name).then(
    () => true,
    (error: NodeJS.ErrnoException) => nothingIfGone(error).length > 0,
  )
}

/** Writes frames at the end of a closed segment. */
export async function addTo(files: SharedSegmentFiles, name: string, frames: readonly Uint8Array[]): Promise<void> {
  const file = await files.reopen(name)
  try {
    await file.append(frames)
  } finally {
    await file.close()
  }
}

/** Forces to the disk what the owner before did not live to force. */
export async function force(files: SharedSegmentFiles, name: string): Promise<void> {
  const file = await files.reopen(name)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Keeps what could not be read beside the segment, for a person to look at. */
export async function setAside(
  files: SharedSegmentFiles,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
  damages: readonly DamagedStretch[],
): Promise<void> {
  for (const { start, end } of damages) {
    // oxlint-disable-next-line no-await-in-loop -- rare, and one thing at a time
    await files.setAside(`${name}-${start}.bad`, content.subarray(start, end)).catch(() => {})
  }
}

function nothingIfGone(error: NodeJS.ErrnoException): Uint8Array {
  if (error.code === 'ENOENT') return new Uint8Array()
  throw error
}
