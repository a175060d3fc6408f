import { expect, test } from 'vitest'

import { checkReturning } from '../../../src/cli/doctor/returning.ts'

test('says who is let in, what all of those see, and where refusals are counted', () => {
  expect(checkReturning(undefined)).toEqual([])
  const [keyed] = checkReturning({ keys: ['a', 'b'], publicLoggers: ['shop.public'] })
  expect(keyed).toMatchObject({ name: 'returned lines', status: 'ok' })
  expect(keyed?.message).toMatch(/one of the two keys.*tellCaller, shop\.public.*stats\(\)\.returned/)
  const [unkeyed] = checkReturning({ keys: [], publicLoggers: [] })
  expect(unkeyed).toMatchObject({ status: 'note', hint: expect.stringContaining('TRACELOG_RETURN_KEY') as string })
})
