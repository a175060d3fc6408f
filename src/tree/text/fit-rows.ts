/**
 * Which rows are shown where there is no room for all, and what is said of the others?
 *
 * Rows carry a rank; the lowest numbers stay longest. Rows that stood together and are not shown become one line with their counts:
 * `… 41 rows: 38 cache hits (0.2 to 1.1 ms), 3 debug lines`. Pure; knows nothing of what a row is.
 */

export interface RankedRow {
  /** 0 is shown before 1, 1 before 2. */
  readonly rank: number
  /** One line or more. */
  readonly text: string
  /** What it is, where it is only counted: `cache hit`, `debug line`. */
  readonly noun: string
  /** Milliseconds, where it took any. */
  readonly tookMillis?: number | undefined
}

export interface FittedRows {
  readonly lines: readonly string[]
  readonly shown: number
  /** In lines of counts only. */
  readonly folded: number
}

/** Kinds that a line of counts names; what is left is counted. */
const NAMED_KINDS = 4

/** @param maxLength  characters, line ends included. One line of counts is written in any case */
export function fitRows(rows: readonly RankedRow[], maxLength: number): FittedRows {
  const order = rows.map((_, index) => index).toSorted((a, b) => rankOf(rows, a) - rankOf(rows, b) || a - b)
  const withFirst = (count: number): FittedRows => foldedBut(rows, new Set(order.slice(0, count)))
  const whole = withFirst(rows.length)
  if (lengthOf(whole) <= maxLength) return whole
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (lengthOf(withFirst(middle)) <= maxLength) low = middle
    else high = middle - 1
  }
  return withFirst(low)
}

function rankOf(rows: readonly RankedRow[], index: number): number {
  return (rows[index] as RankedRow).rank
}

function lengthOf({ lines }: FittedRows): number {
  return lines.reduce((length, line) => length + line.length + 1, 0)
}

function foldedBut(rows: readonly RankedRow[], kept: ReadonlySet<number>): FittedRows {
  const lines: string[] = []
  let run: RankedRow[] = []
  let folded = 0
  const endRun = (): void => {
    if (run.length === 0) return
    const line = foldLine(run)
    const [only] = run
    // A line that says there is one more is no shorter than that one.
    if (run.length === 1 && only !== undefined && only.text.length <= line.length) lines.push(only.text)
    else {
      lines.push(line)
      folded += run.length
    }
    run = []
  }
  rows.forEach((row, index) => {
    if (!kept.has(index)) {
      run.push(row)
      return
    }
    endRun()
    lines.push(row.text)
  })
  endRun()
  return { lines, shown: rows.length - folded, folded }
}

interface Kind {
  readonly noun: string
  count: number
  rank: number
  least: number
  most: number
}

function foldLine(rows: readonly RankedRow[]): string {
  const kinds = new Map<string, Kind>()
  for (const { noun, rank, tookMillis } of rows) {
    const kind = kinds.get(noun) ?? { noun, count: 0, rank, least: Number.POSITIVE_INFINITY, most: 0 }
    kinds.set(noun, kind)
    kind.count++
    kind.rank = Math.min(kind.rank, rank)
    if (tookMillis === undefined) continue
    kind.least = Math.min(kind.least, tookMillis)
    kind.most = Math.max(kind.most, tookMillis)
  }
  const sorted = [...kinds.values()].toSorted((a, b) => a.rank - b.rank || b.count - a.count)
  const others = sorted.slice(NAMED_KINDS).reduce((count, kind) => count + kind.count, 0)
  const named = sorted.slice(0, NAMED_KINDS).map(kindText)
  const parts = others === 0 ? named : [...named, `${counted(others)} others`]
  return `… ${plural(rows.length, 'row')}: ${parts.join(', ')}`
}

function kindText({ noun, count, least, most }: Kind): string {
  const range = least === most ? millisText(most) : `${millisText(least)} to ${millisText(most)}`
  return `${plural(count, noun)}${Number.isFinite(least) ? ` (${range} ms)` : ''}`
}

function millisText(millis: number): string {
  return millis < 1 ? millis.toFixed(2) : millis.toFixed(1)
}

function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${counted(count)} ${noun.endsWith('s') ? `${noun}es` : noun}${noun.endsWith('s') ? '' : 's'}`
}

function counted(count: number): string {
  return count.toLocaleString('en')
}
