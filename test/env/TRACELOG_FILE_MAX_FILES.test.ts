import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_FILE_MAX_FILES is how many files are kept', () => {
  expect(configOf({ TRACELOG_FILE_MAX_FILES: '2', TRACELOG_FILE: 'x' }).destinations.file?.maxFiles).toBe(2)
})

test('a wrong TRACELOG_FILE_MAX_FILES is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_FILE_MAX_FILES: '0' },
    'TRACELOG_FILE_MAX_FILES is "0", but must be a whole number from 1 to 1000',
  )
})
