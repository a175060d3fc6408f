/**
 * What each rule has done since the backend's start, as `GET status` says it.
 */
import type { RuleStatus } from '../../model/api.ts'
import type { Rule } from './rule.ts'
import type { DeliveryCounts, Tally } from './worker-protocol.ts'

export type { RuleStatus } from '../../model/api.ts'

export class RuleTallies {
  #names: readonly string[]
  readonly #tallies = new Map<string, { matched: number; dropped: number }>()
  /** Of threads that have ended, and of the one that runs. */
  readonly #before = new Map<string, DeliveryCounts>()
  readonly #now = new Map<string, DeliveryCounts>()

  constructor(rules: readonly Rule[]) {
    this.#names = rules.map(({ name }) => name)
  }

  /** What rules of the same name have done stays. */
  follow(rules: readonly Rule[]): void {
    this.#names = rules.map(({ name }) => name)
  }

  add(tallies: readonly Tally[]): void {
    for (const { name, matched, dropped } of tallies) {
      const sum = this.#tallies.get(name) ?? { matched: 0, dropped: 0 }
      this.#tallies.set(name, { matched: sum.matched + matched, dropped: sum.dropped + dropped })
    }
  }

  hear(counts: readonly DeliveryCounts[]): void {
    for (const one of counts) this.#now.set(one.name, one)
  }

  /** The thread has ended, and what waited in it with it. */
  loseWaiting(): void {
    for (const [name, { delivered, lost, failed, waiting, lastError }] of this.#now) {
      const before = this.#before.get(name)
      this.#before.set(name, {
        name,
        delivered: delivered + (before?.delivered ?? 0),
        lost: lost + waiting + (before?.lost ?? 0),
        failed: failed + (before?.failed ?? 0),
        waiting: 0,
        state: 'ok',
        lastError,
      })
    }
    this.#now.clear()
  }

  droppedRecords(): number {
    return [...this.#tallies.values()].reduce((sum, { dropped }) => sum + dropped, 0)
  }

  /** @param isRunning  whether the thread of the rules does */
  status(isRunning: boolean): readonly RuleStatus[] {
    return this.#names.map((name) => {
      const { matched, dropped } = this.#tallies.get(name) ?? { matched: 0, dropped: 0 }
      const [before, now] = [this.#before.get(name), this.#now.get(name)]
      const sum = (key: 'delivered' | 'lost' | 'failed'): number => (before?.[key] ?? 0) + (now?.[key] ?? 0)
      return {
        name,
        matched,
        dropped,
        delivered: sum('delivered'),
        lost: sum('lost'),
        failed: sum('failed'),
        last_error: now?.lastError ?? before?.lastError ?? null,
        state: isRunning ? (now?.state ?? 'ok') : 'starting',
      }
    })
  }
}
