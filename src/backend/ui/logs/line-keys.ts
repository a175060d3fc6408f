/**
 * Keys of one line: what is around it, the lines that say the same, and no more of those.
 */
import type { LogRow } from '../../../model/api.ts'
import { rowId } from '../../../model/log-row.ts'
import { patternOfRow, patternText } from '../../../model/pattern.ts'
import type { KeyBinding } from '../keys.ts'
import { addTerm } from '../question.ts'
import { change } from '../state.ts'
import type { Line } from './line.ts'

export function lineKeys(current: () => Line | undefined): KeyBinding[] {
  const withRow = (run: (row: LogRow) => void) => () => {
    const line = current()
    if (line?.kind === 'log') run(line.row)
  }
  return [
    { keys: ['c'], says: 'lines around this one', run: withRow((row) => change({ around: rowId(row) })) },
    { keys: ['p'], says: 'lines that say the same', run: withRow((row) => addTerm(patternTerm(row))) },
    { keys: ['h'], says: 'hide lines that say the same', run: withRow((row) => addTerm(`-${patternTerm(row)}`)) },
  ]
}

export function patternTerm(row: LogRow): string {
  return `pattern:${patternText(patternOfRow(row))}`
}
