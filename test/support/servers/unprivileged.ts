/**
 * As whom do servers run that refuse to be root? Where the tests are root: as nobody, in a folder that is nobody's.
 */
import { chownSync } from 'node:fs'

export interface UserIds {
  readonly uid: number
  readonly gid: number
}

/** `nobody` and `nogroup` of Debian; any ids would do that are not root's. */
const NOBODY: UserIds = { uid: 65_534, gid: 65_534 }

/** @returns `undefined`: the tests are nobody special themselves */
export function unprivilegedUser(): UserIds | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined
}

/** Gives a folder to whom the servers run as. */
export function giveToUnprivileged(folder: string): void {
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
}
