/**
 * Does a record go on? One question with three answers, asked once per record; who asked hands the answer on with the record.
 *
 * `export`: it leaves the process. `hold`: no level lets it through, but somebody wants the lines of its request. `drop`: nobody
 * wants it. The levels and the holder come from app/; this file only knows how they are weighed. Nothing here throws.
 */
import type { RequestUnit } from '../context/request-unit.ts'
import { SEVERITY_INFO, SEVERITY_OFF } from '../model/severity.ts'

export type Verdict = 'export' | 'hold' | 'drop'

/** The answer that a record carries. */
export type Kept = Exclude<Verdict, 'drop'>

/** Which levels are in force. They may change between two questions. */
export interface LevelThresholds {
  /**
   * The lowest SeverityNumber that is exported from the scope, 25 for none; `undefined`: no level is set, so that what the
   * application itself prints is exported.
   */
  thresholdOf(scopeName: string): number | undefined
  /** The lowest threshold of any scope; `undefined` when no level is set at all. For those who know the scope only later. */
  lowestThreshold(): number | undefined
}

/** Who wants records that no level lets through. MUST NOT throw; asked on the application's path. */
export interface LevelHolder {
  /** False: it holds nothing now, and nobody needs to look for the unit. */
  readonly isHolding: boolean
  /** From this severity up it wants to see exported records as objects, before they are written; 25: none. */
  readonly watchesFrom: number
  /** @param severityNumber  1 to 24 */
  holds(severityNumber: number, unit: RequestUnit | undefined): boolean
  /** The answer is `hold`: the record comes next, in the same turn. */
  expect(): void
}

export interface LevelsOptions {
  readonly thresholds: LevelThresholds
  /** Default: nobody holds. */
  readonly holder?: LevelHolder | undefined
  /** Whether records leave this process at all. Default: they do. */
  readonly accepts?: () => boolean
}

export interface Levels extends Pick<LevelThresholds, 'thresholdOf'> {
  /** False: the answer is never `hold`, and nobody needs to look for the unit. */
  readonly isHolding: boolean
  /** From this severity up records of a unit take the general path; 25: none of them has to. */
  readonly watchesFrom: number
  /**
   * @param severityNumber  0 counts as INFO
   * @param unit  the request that the record belongs to
   * @param isPrinted  whether the application itself prints it; counts where no level is set. Default true
   */
  judge(severityNumber: number, scopeName: string, unit: RequestUnit | undefined, isPrinted?: boolean): Verdict
  /** The same question where no record may follow: whether the answer would be another one than `drop`. */
  isWanted(severityNumber: number, scopeName: string, unit: RequestUnit | undefined, isPrinted?: boolean): boolean
  /** Whether a record that the application does not print may be kept, of whatever scope it will turn out to be. */
  isPossible(severityNumber: number, unit: RequestUnit | undefined): boolean
  /**
   * Whether a record that no level lets through may be kept, of whatever scope it will turn out to be.
   *
   * @param unit  called only where somebody holds
   */
  isHeld(severityNumber: number, unit: () => RequestUnit | undefined): boolean
  /** Whether a level lets it through, of whatever scope it will turn out to be: no holder is asked. */
  mayBeExported(severityNumber: number): boolean
}

export function createLevels({ thresholds, holder, accepts = () => true }: LevelsOptions): Levels {
  const mayBeExported = (severityNumber: number): boolean => {
    const lowest = thresholds.lowestThreshold()
    return lowest !== undefined && severityNumber >= lowest
  }
  const verdictOf = (
    severityNumber: number,
    scopeName: string,
    unit: RequestUnit | undefined,
    isPrinted: boolean,
  ): Verdict => {
    const severity = severityNumber === 0 ? SEVERITY_INFO : severityNumber
    const threshold = thresholds.thresholdOf(scopeName)
    // The level first: most questions are about levels that are off, and end here.
    if (threshold === undefined ? isPrinted : severity >= threshold) return accepts() ? 'export' : 'drop'
    // `off` says that nobody is to have them.
    if (holder === undefined || threshold === SEVERITY_OFF || !holder.holds(severity, unit)) return 'drop'
    return accepts() ? 'hold' : 'drop'
  }
  return {
    get isHolding() {
      return holder !== undefined && holder.isHolding
    },
    watchesFrom: holder?.watchesFrom ?? SEVERITY_OFF,
    thresholdOf: (scopeName) => thresholds.thresholdOf(scopeName),
    judge(severityNumber, scopeName, unit, isPrinted = true) {
      const verdict = verdictOf(severityNumber, scopeName, unit, isPrinted)
      if (verdict === 'hold') holder?.expect()
      return verdict
    },
    isWanted: (severityNumber, scopeName, unit, isPrinted = true) =>
      verdictOf(severityNumber, scopeName, unit, isPrinted) !== 'drop',
    isPossible(severityNumber, unit) {
      return mayBeExported(severityNumber) || (holder !== undefined && holder.holds(severityNumber, unit))
    },
    isHeld: (severityNumber, unit) => holder !== undefined && holder.isHolding && holder.holds(severityNumber, unit()),
    mayBeExported,
  }
}
