/** A value that cannot be read is thrown while a request is handled: the application's handler gets it, as bare. */
import { describe, expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'

const VALUES = ['an object without prototype', 'a revoked Proxy', 'an error whose getters throw', 'a Proxy that throws']
const KINDS = ['request', 'upgrade', 'stream']

describe.each(['channels', 'otel'])('engine %s', (engine) => {
  describe.each(KINDS)('thrown in the listener of %s:', (kind) => {
    test.each(VALUES)('%s', async (value) => {
      const env = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', TRACELOG_HTTP_ENGINE: engine }
      const [bare, ours] = await Promise.all([
        runChild('unseen/thrown.cjs', { preload: 'none', args: [kind, value] }),
        runChild('unseen/thrown.cjs', { args: [kind, value], env }),
      ])
      expect(bare.stdout).toContain('uncaughtException, the same: true')
      expect({ code: ours.code, stdout: ours.stdout, stderr: ours.stderr }).toEqual({
        code: bare.code,
        stdout: bare.stdout,
        stderr: bare.stderr,
      })
    })
  })
})
