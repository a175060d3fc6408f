/**
 * Which tabs may hold a tail: a browser allows six connections per host, and each tab needs one for its questions. So at most four tails
 * are open in all tabs of one browser together; who has none asks now and then instead.
 */

/** Tails of one browser at once. */
const MOST = 4

export type GiveBack = () => void

/** @returns undefined when all turns are taken. Where the browser has no locks (an origin that is not trusted), there is always one. */
export async function takeTurn(): Promise<GiveBack | undefined> {
  const { locks } = navigator as { readonly locks?: LockManager }
  if (locks === undefined) return () => {}
  for (let turn = 0; turn < MOST; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: a tab takes one turn
    const giveBack = await takeLock(locks, `tracelog.tail.${turn}`)
    if (giveBack !== undefined) return giveBack
  }
  return undefined
}

/** The browser gives it back itself when the tab goes. */
async function takeLock(locks: LockManager, name: string): Promise<GiveBack | undefined> {
  return await new Promise((resolve) => {
    const held = locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return resolve(undefined)
      await new Promise<void>((giveBack) => resolve(giveBack))
    })
    held.catch(() => resolve(() => {}))
  })
}
