import { describe, expect, test } from 'vitest'

import { createTailLines } from '../../src/cli/tail-lines.ts'
import type { LogRow } from '../../src/model/api.ts'
import { logRow } from './rows.ts'

const progress = (done: number, span: string): LogRow =>
  logRow({
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: span,
    event: 'tracelog.task.progress',
    message: `import: ${done} of 100`,
    task_path: `${done}`,
    'tracelog.task.done': done,
    'tracelog.task.total': 100,
  })

interface Screen {
  readonly written: string
  /** What a terminal shows then. */
  readonly lines: readonly string[]
}

/** @param columns  of the terminal; undefined: piped */
function shown(columns: number | undefined, rows: readonly (LogRow | string)[], TERM = 'xterm'): Screen {
  let written = ''
  const output = {
    write: (text: string) => void (written += text),
    writeBytes: () => {},
    drained: () => Promise.resolve(),
    isTerminal: columns !== undefined,
    colourDepth: 1,
    columns,
  }
  const lines = createTailLines({ out: output, err: output, env: { TERM } })
  for (const row of rows) {
    if (typeof row === 'string') lines.remark(row)
    else lines.record(row)
  }
  const kept: string[] = []
  for (const line of written.split('\n').slice(0, -1)) {
    // oxlint-disable-next-line no-control-regex -- what moves the cursor is one
    const [, up = '', text = ''] = /^((?:\u001b\[1A\u001b\[2K)?)(.*)$/u.exec(line) ?? []
    if (up !== '') kept.pop()
    kept.push(text)
  }
  return { written, lines: kept.map((line) => line.replace(/^\S+ +\w+ +I /, '').replace(/ {2}4bf92f35$/, '')) }
}

describe('a tail on a terminal', () => {
  test('shows how far a task is in one line', () => {
    expect(shown(100, [progress(1, 'a'), progress(40, 'a'), progress(100, 'a')]).lines).toEqual(['import: 100 of 100'])
  })

  test('begins a new line for another task, after any other record, and after a remark', () => {
    const rows = [
      progress(1, 'a'),
      progress(2, 'b'),
      progress(3, 'b'),
      logRow(),
      progress(4, 'b'),
      'away',
      progress(5, 'b'),
    ]
    expect(shown(100, rows).lines).toEqual([
      'import: 1 of 100',
      'import: 3 of 100',
      'hello',
      'import: 4 of 100',
      'away',
      'import: 5 of 100',
    ])
  })

  test.each([
    { is: 'piped', columns: undefined },
    { is: 'on a terminal that cannot move its cursor', columns: 100, TERM: 'dumb' },
    { is: 'where a line takes two rows', columns: 30 },
  ])('prints a line for each $is', ({ columns, TERM }) => {
    const { written } = shown(columns, [progress(1, 'a'), progress(2, 'a')], TERM)
    expect(written).not.toContain('\u001b')
    expect(written.split('\n')).toHaveLength(3)
  })
})
