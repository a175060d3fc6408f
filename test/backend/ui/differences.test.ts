/**
 * What differs between some requests and the others.
 */
import { expect, test } from 'vitest'

import type { Facets } from '../../../src/model/api.ts'
import { differences } from '../../../src/backend/ui/counts/differences.ts'

function facets(route: Readonly<Record<string, number>>, missing = 0): Facets {
  const values = Object.entries(route).map(([value, count]) => ({ value, count }))
  return {
    facets: { route: values },
    other: {},
    missing: { route: missing },
    complete: true,
    covered_from: '',
  }
}

test('a value that the chosen ones have and the others do not, with both shares', () => {
  const found = differences(facets({ '/cart': 9, '/feed': 1 }), facets({ '/cart': 9, '/feed': 91 }))
  expect(found).toEqual([{ field: 'route', value: { value: '/cart', count: 9 }, inside: 0.9, outside: 0 }])
})

test.each([
  { why: 'too few have it', chosen: facets({ '/cart': 4 }), all: facets({ '/cart': 4, '/feed': 90 }) },
  { why: 'the others have it as often', chosen: facets({ '/cart': 50 }), all: facets({ '/cart': 100 }) },
  { why: 'none was chosen', chosen: facets({}), all: facets({ '/cart': 4 }) },
  {
    why: 'the difference is small',
    chosen: facets({ '/cart': 60, '/feed': 40 }),
    all: facets({ '/cart': 110, '/feed': 90 }),
  },
])('nothing when $why', ({ chosen, all }) => {
  expect(differences(chosen, all)).toEqual([])
})

test('those without a value count among the others, and three values of a field are enough', () => {
  const [one] = differences(facets({ '/cart': 10 }, 10), facets({ '/cart': 10 }, 90))
  expect(one).toMatchObject({ inside: 0.5, outside: 0 })
  const many = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`/r${i}`, 25]))
  expect(differences(facets(many), facets({ ...many, '/other': 900 }))).toHaveLength(3)
})
