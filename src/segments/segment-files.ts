/**
 * The few file operations that segments need, so that tests can pull the plug, fill the disk and tear a write.
 */

/** One segment, open for appending. */
export interface SegmentFile {
  /**
   * Writes all parts at the end, as one write.
   *
   * @throws what the system says; then any prefix of the bytes may be in the file
   */
  append(parts: readonly Uint8Array[]): Promise<void>
  /** Resolves when everything appended is on the disk. After a throw the file MUST NOT be trusted with more. */
  sync(): Promise<void>
  /** Cuts the file to its first `bytes` bytes. */
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

/** One directory of segments. Names are plain file names in it. */
export interface SegmentFiles {
  /** Names of all files, in no order. */
  list(): Promise<readonly string[]>
  /** @throws when the file exists */
  create(name: string): Promise<SegmentFile>
  read(name: string): Promise<Uint8Array>
  /** Bytes of a file. */
  size(name: string): Promise<number>
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>
  /** Keeps bytes that could not be read, for a person to look at; MAY remove the oldest of them. */
  setAside(name: string, bytes: Uint8Array): Promise<void>
  /** Makes created and removed names durable. */
  syncDirectory(): Promise<void>
}

/** A directory that several processes share. */
export interface SharedSegmentFiles extends SegmentFiles {
  /** Opens a file to write on at its end. @throws when it is not there */
  reopen(name: string): Promise<SegmentFile>
  /** Gives a file another name. @throws when it is not there: another process was quicker */
  rename(from: string, to: string): Promise<void>
  /** When a file was last touched, milliseconds since the epoch, and its bytes. @throws when it is not there */
  look(name: string): Promise<{ readonly touchedMillis: number; readonly bytes: number }>
  touch(name: string): Promise<void>
}
