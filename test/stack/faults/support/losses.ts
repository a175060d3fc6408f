/**
 * One row of the loss table: what a fault did to what had been acknowledged. Kept in .cache/losses, from where
 * .ci/losses.mjs makes the table of collector/LOSSES.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Stored } from './stored.ts'

export interface Fault {
  /** As a row of the table names it. */
  readonly fault: string
  readonly where: 'Loki' | 'Tempo' | 'gateway' | 'aggregated file'
}

export interface Losses {
  readonly acknowledged: number
  /** Of the acknowledged ones. */
  readonly stored: number
  /** Stored more than once: records beyond the first. */
  readonly duplicated: number
  readonly lost: number
}

const folder = new URL('../../../../.cache/losses', import.meta.url).pathname

export function countLosses(acknowledged: ReadonlySet<string>, stored: Stored): Losses {
  const kept = [...acknowledged].filter((id) => stored.has(id)).length
  const rows = [...stored.values()].reduce((sum, times) => sum + times, 0)
  return {
    acknowledged: acknowledged.size,
    stored: kept,
    duplicated: rows - stored.size,
    lost: acknowledged.size - kept,
  }
}

export function recordLosses(fault: Fault, losses: Losses): void {
  mkdirSync(folder, { recursive: true })
  const name = `${fault.fault} ${fault.where}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ ...fault, ...losses })}\n`)
}
