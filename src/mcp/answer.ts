/**
 * An answer in parts -> its text: first line, records between their marks, last line, the page's address.
 */
import { cutMiddle } from '../tree/text/cut-middle.ts'
import type { FittedRows, RankedRow } from '../tree/text/fit-rows.ts'
import { CHARACTERS_PER_TOKEN, fitToBudget } from './budget.ts'
import { CLOSE_MARK, fencedJson, fencedText, OPEN_MARK, unmarked } from './fence.ts'

export interface Answer {
  /** Ours: window and totals. */
  readonly head: string
  /** Foreign, and always there: a sentence, what all rows share. */
  readonly notes?: readonly string[]
  /** Foreign. */
  readonly rows: readonly RankedRow[]
  /** What the rows are made of, for `format: "json"`, in the same order. */
  readonly objects: readonly unknown[]
  /** Ours: what was shown, how to get the rest. */
  readonly tail: (fitted: Pick<FittedRows, 'shown' | 'folded'>) => string
  /** Where the page shows it. */
  readonly page?: string | undefined
}

export interface AnswerFormat {
  /** Tokens. */
  readonly budget: number
  readonly format: 'text' | 'json'
}

/** Notes are held to a third of the answer. */
const NOTES_SHARE = 1 / 3
const MIN_NOTE = 80

export function answerText(answer: Answer, { budget, format }: AnswerFormat): string {
  const notes = shortNotes(answer.notes ?? [], budget)
  const head = unmarked(answer.head)
  const room = answer.tail({ shown: answer.rows.length, folded: answer.rows.length })
  const frame = [head, OPEN_MARK, ...notes, CLOSE_MARK, room, ...pageLine(answer)].join('\n')
  const fitted = format === 'json' ? fitObjects(answer.objects, frame.length, budget) : fitText(answer, frame, budget)
  const records = [...(format === 'json' ? [] : notes), ...fitted.lines]
  const fenced = records.length === 0 ? [] : [OPEN_MARK, ...records, CLOSE_MARK]
  return [head, ...fenced, unmarked(answer.tail(fitted)), ...pageLine(answer)].filter((line) => line !== '').join('\n')
}

function pageLine({ page }: Answer): string[] {
  return page === undefined ? [] : [`page: ${page}`]
}

/** Marks inside are escaped before rows are measured: what is written is what was counted. */
function fitText({ rows }: Answer, frame: string, budget: number): FittedRows {
  const fenced = rows.map((row) => ({ ...row, text: fencedText(row.text) }))
  return fitToBudget(fenced, { length: frame.length + 1 }, budget)
}

function fitObjects(objects: readonly unknown[], used: number, budget: number): FittedRows {
  const lines: string[] = []
  let left = budget * CHARACTERS_PER_TOKEN - used
  for (const object of objects) {
    const line = fencedJson(object)
    if (line.length + 1 > left) break
    left -= line.length + 1
    lines.push(line)
  }
  return { lines, shown: lines.length, folded: 0 }
}

function shortNotes(notes: readonly string[], budget: number): string[] {
  const room = Math.floor((budget * CHARACTERS_PER_TOKEN * NOTES_SHARE) / Math.max(1, notes.length))
  return notes.map((note) => cutMiddle(fencedText(note), Math.max(MIN_NOTE, room)))
}
