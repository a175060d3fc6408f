import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { formatLevels, parseLevels } from '../../src/config/level-config.ts'

test('levels are written so that they are read as the same', () => {
  const severity = fc.integer({ min: 1, max: 25 })
  const prefix = fc.stringMatching(/^[a-z@][\w@./:=-]{0,20}$/)
  const scopes = fc.array(fc.record({ prefix, severity }), { maxLength: 4 })
  const rules = fc.record({ severity: fc.option(severity, { nil: undefined }), scopes })
  fc.assert(
    fc.property(rules, (said) => {
      fc.pre(said.severity !== undefined || said.scopes.length > 0)
      expect(parseLevels(formatLevels(said), 'x')).toEqual(said)
    }),
  )
})
