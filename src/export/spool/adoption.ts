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
  /** Batches of an export worker that died, which are sent again from memory. */
  readonly disowned: Readonly<Record<Signal, ReadonlySet<number>>>
  /** Records that another process had left, and of them those that cannot be read. */
  readonly onAdopted: (signal: Signal, counts: { readonly unsent: number; readonly corrupt: number }) => void
}

const UNFINISHED = '.new'

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
    let foreignBytes = 0
    for (const name of names) {
      // oxlint-disable-next-line no-await-in-loop -- one thing at a time on the disk
      foreignBytes += await this.#see(name).catch(() => 0)
    }
    store.foreignBytes = foreignBytes
    this.#isFirst = false
  }

  /** @returns bytes that others have there */
  async #see(name: string): Promise<number> {
    const { owners, service, store, turns, files } = this.#options
    const isUnfinished = name.endsWith(UNFINISHED)
    const parsed = readName(isUnfinished ? name.slice(0, -UNFINISHED.length) : name)
    if (parsed?.service !== service || store.has(parsed.number)) return 0
    const { bytes, touchedMillis } = await turns.run(() => files.look(name))
    const isOwn = parsed.owner === owners.own
    const isGone = isOwn ? this.#isFirst && parsed.use !== 'ahead' : owners.isGone(parsed.owner, touchedMillis)
    if (!isGone || this.#left.has(name)) return bytes
    if (isUnfinished) await turns.run(() => files.remove(name))
    else await this.#take(name, parsed, isOwn)
    return 0
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
