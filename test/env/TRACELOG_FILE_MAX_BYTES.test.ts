import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_FILE_MAX_BYTES is the size at which the file is renamed away', () => {
  expect(configOf({ TRACELOG_FILE_MAX_BYTES: '4096', TRACELOG_FILE: 'x' }).destinations.file?.maxBytes).toBe(4096)
})

test('a wrong TRACELOG_FILE_MAX_BYTES is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_FILE_MAX_BYTES: '1' },
    'TRACELOG_FILE_MAX_BYTES is "1", but must be a whole number from 1024 to 9007199254740991',
  )
})
