import { describe, expect, test } from 'vitest'

import {
  chosenValues,
  excludedValues,
  withoutValue,
  withRange,
  withValue,
} from '../../../src/backend/ui/counts/facet-terms.ts'

describe('a value of a facet', () => {
  test.each([
    { query: '', value: 'web', expected: 'service:web' },
    { query: 'timeout', value: 'web', expected: 'timeout service:web' },
    { query: 'service:web timeout', value: 'api', expected: 'timeout (service:web OR service:api)' },
    { query: '(service:web OR service:api) timeout', value: 'web', expected: 'timeout service:api' },
    { query: 'service:web', value: 'web', expected: '' },
    { query: 'service:web OR service:api', value: 'lb', expected: '(service:web OR service:api OR service:lb)' },
    { query: 'a OR b', value: 'web', expected: '(a OR b) service:web' },
    { query: '', value: 'two words', expected: 'service:"two words"' },
  ])('$value, chosen in $query: $expected', ({ query, value, expected }) => {
    expect(withValue(query, 'service', value)).toBe(expected)
  })

  test('is excluded, and no longer', () => {
    const without = withoutValue('timeout', 'service', 'web')
    expect(without).toBe('timeout -service:web')
    expect(excludedValues(without, 'service')).toEqual(['web'])
    expect(chosenValues(without, 'service')).toEqual([])
    expect(withoutValue(without, 'service', 'web')).toBe('timeout')
  })

  test('that is a range of numbers takes the place of another one', () => {
    expect(withRange('took>=5 web', 'took', { from: 10, to: 20 })).toBe('web took>=10 took<20')
    expect(withRange('web', 'took', { to: 20 })).toBe('web took<20')
  })

  test('of a query that cannot be read chooses nothing', () => {
    expect(chosenValues('service: (', 'service')).toEqual([])
  })
})
