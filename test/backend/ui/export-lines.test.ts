/**
 * Lines as files: what a spreadsheet must not obey, and that flat lines come back.
 */
import { expect, test } from 'vitest'

import type { LogRow } from '../../../src/model/api.ts'
import { csvText, flatText } from '../../../src/backend/ui/logs/export-lines.ts'

const ROW: LogRow = {
  _id: '7',
  time_ns: '1',
  observed_ns: '1',
  timestamp: '2026-12-01T10:00:00.000Z',
  level: 'INFO',
  service: 'web',
  message: 'said "so", and\nmore',
}

test('a table: one row per line, quotes doubled, all fields', () => {
  const [head, ...lines] = csvText([{ ...ROW, user: 42 }]).split('\r\n')
  expect(head).toBe('timestamp,level,service,message,trace_id,span_id,_id,time_ns,observed_ns,user')
  expect(lines.join('\r\n')).toBe('2026-12-01T10:00:00.000Z,INFO,web,"said ""so"", and\nmore",,,7,1,1,42\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '=HYPERLINK("http://x","y")'])('%j is no formula', (message) => {
  const cell =
    csvText([{ ...ROW, message }])
      .split('\r\n')[1]
      ?.split('INFO,web,')[1] ?? ''
  expect(cell).toMatch(/^"?'/)
})

test('what stands behind a semicolon is no cell of its own', () => {
  expect(csvText([{ ...ROW, message: 'x;=cmd()' }])).toContain(',"x;=cmd()",')
})

test('a negative number stays one', () => {
  expect(csvText([{ ...ROW, delta: -3 }])).toContain(',-3\r\n')
})

test('flat lines are JSON, one each', () => {
  const lines = flatText([ROW, ROW]).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([ROW, ROW])
})
