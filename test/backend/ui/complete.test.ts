import { describe, expect, test } from 'vitest'

import { completionsOf, unfinishedAt } from '../../../src/backend/ui/complete.ts'
import type { FieldRow } from '../../../src/model/api.ts'

const fields: readonly FieldRow[] = [
  { key: 'service', type: 'string', records: 9, values: ['web', 'worker', 'two words'] },
  { key: 'status', type: 'number', records: 5, values: ['200', '404'] },
]

function labels(text: string, caret = text.length): readonly string[] {
  const of = unfinishedAt(text, caret)
  return of === undefined ? [] : completionsOf(of, fields).map(({ label }) => label)
}

describe('where the caret is', () => {
  test.each([
    { text: 's', expected: ['service', 'status'] },
    { text: 'timeout ST', expected: ['status'] },
    { text: 'service:', expected: ['web', 'worker', 'two words'] },
    { text: 'service:w', expected: ['web', 'worker'] },
    { text: 'service:"tw', expected: ['two words'] },
    { text: 'status>4', expected: [] },
    { text: 'service:web', expected: [] },
    { text: 'service:web ', expected: [] },
    { text: '', expected: [] },
  ])('of "$text" may stand $expected', ({ text, expected }) => {
    expect(labels(text)).toEqual(expected)
  })

  test('is what counts, not the end of the text', () => {
    expect(labels('se timeout', 2)).toEqual(['service'])
    expect(unfinishedAt('a service:we b', 12)).toEqual({ key: 'service', prefix: 'we', from: 2, to: 12 })
  })

  test('a value takes the place of the whole term, quoted where it must be', () => {
    const of = unfinishedAt('service:"tw', 11)
    expect(of && completionsOf(of, fields)).toEqual([{ label: 'two words', text: 'service:"two words" ' }])
  })
})
