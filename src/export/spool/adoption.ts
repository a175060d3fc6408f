/**
 * Segments of processes of this service that are gone: found, claimed, taken over.
 *
 * A claim is a rename to a name of ours, which one process wins. Of this process's own segments only those of an export worker that
 * died are taken; what the application's thread writes ahead is its own affair as long as the process lives.
 */
import { sayOnce } from '../../diag/events.ts'
import type { Signal } from '../../model/signal.ts'
import type { Owners } from '../../segments/owner.ts'
import type { SharedSegmentFiles } from '../../segments/segment-files.ts'
import { nameOf, readName, type SegmentName } from './segment-name.ts'
import { signalOf } from './segment-set.ts'
import { isLater } from './spool-format.ts'
import type { SpoolStore } from './spool-store.ts'
import type { Turns } from './turns.ts'

export interface AdoptionOptions {
  readonly files: SharedSegmentFiles
  readonly turns: Turns
  readonly store: SpoolStore
  readonly owners: Owners
  /** Encoded. */
  readonly service: string
  /** That have a lane behind the spool. */
  readonly signals: ReadonlySet<Signal>
  /** Batches of an export worker that died, which are sent again from memory. */
  readonly disowned: Readonly<Record<Signal, ReadonlySet<number>>>
  /** Records that another process had left, and of them those that cannot be read. */
  readonly onAdopted: (signal: Signal, counts: { readonly unsent: number; readonly corrupt: number }) => void
}

const UNFINISHED = '.new'

interface Seen {
  readonly name: string
  readonly parsed: SegmentName
  /** Being compressed, when its owner died. */
  readonly isUnfinished: boolean
  /** Since the epoch. */
  readonly touchedMillis: number
  readonly bytes: number
}

export class Adoption {
  readonly #options: AdoptionOptions
  /** Left alone for good. */
  readonly #left = new Set<string>()
  #isFirst = true

  constructor(options: AdoptionOptions) {
    this.#options = options
  }

  /** Looks through the directory once. Never rejects. */
  async scan(): Promise<void> {
    const { files, turns, store } = this.#options
    const names = await turns.run(() => files.list()).catch(() => [])
    const seen: Seen[] = []
    for (const name of names) {
      // oxlint-disable-next-line no-await-in-loop -- one thing at a time on the disk
      const one = await this.#see(name).catch(() => undefined)
      if (one !== undefined) seen.push(one)
    }
    const touched = newestTouches(seen)
    store.foreignBytes = seen.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const one of seen) {
      // oxlint-disable-next-line no-await-in-loop -- one thing at a time on the disk
      if (this.#isFree(one, touched)) await this.#takeOver(one).catch(() => {})
    }
    this.#isFirst = false
  }

  /** A file of our service that is not ours already. */
  async #see(name: string): Promise<Seen | undefined> {
    const { service, store, turns, files } = this.#options
    const isUnfinished = name.endsWith(UNFINISHED)
    const parsed = readName(isUnfinished ? name.slice(0, -UNFINISHED.length) : name)
    if (parsed?.service !== service || store.has(parsed.number)) return undefined
    return { name, parsed, isUnfinished, ...(await turns.run(() => files.look(name))) }
  }

  #isFree({ name, parsed }: Seen, touched: ReadonlyMap<string, number>): boolean {
    const { owners, signals } = this.#options
    // Without a way out for it, it is left to a process that has one.
    if (this.#left.has(name) || !signals.has(signalOf(parsed))) return false
    if (parsed.owner === owners.own) return this.#isFirst && parsed.use !== 'ahead'
    return owners.isGone(parsed.owner, touched.get(parsed.owner) ?? 0)
  }

  async #takeOver({ name, parsed, isUnfinished }: Seen): Promise<void> {
    const { turns, files, owners } = this.#options
    if (isUnfinished) await turns.run(() => files.remove(name))
    else await this.#take(name, parsed, parsed.owner === owners.own)
  }

  async #take(name: string, parsed: SegmentName, isOwn: boolean): Promise<void> {
    const { files, turns, store, owners, service, disowned, onAdopted } = this.#options
    const content = await turns.run(() => files.read(name))
    if (isLater(content)) {
      this.#left.add(name)
      sayOnce(`later ${name}`, `${name} in the spool was written by a later version of tracelog: it is left alone`)
      return
    }
    if (!isOwn) await turns.run(() => files.rename(name, nameOf({ ...parsed, service, owner: owners.own })))
    const signal = signalOf(parsed)
    const counts = await store.adopt(parsed, content, (id) => !isOwn || !disowned[signal].has(id))
    if (!isOwn) onAdopted(signal, counts)
  }
}

/** An owner touches one of its files: that one speaks for all. */
function newestTouches(seen: readonly Seen[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>()
  for (const { parsed, touchedMillis } of seen) {
    newest.set(parsed.owner, Math.max(touchedMillis, newest.get(parsed.owner) ?? 0))
  }
  return newest
}
