/**
 * A name that no instrumentation has is said at start, once, with the name that was probably meant.
 */
import { expect, test } from 'vitest'

import { runChild } from '../support/child.ts'

async function stderrWith(env: Record<string, string>): Promise<string> {
  const end = await runChild('ends/end.cjs', {
    args: ['natural', 'none', 'r', '0'],
    env: { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', ...env },
  })
  return end.stderr
}

test.each([
  {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'winstn' },
    line: 'tracelog: OTEL_NODE_DISABLED_INSTRUMENTATIONS names "winstn", which there is not: did you mean winston?\n',
  },
  {
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,htpp,winston' },
    line: 'tracelog: OTEL_NODE_ENABLED_INSTRUMENTATIONS names "htpp", which there is not: did you mean http?\n',
  },
])('$env is said', async ({ env, line }) => {
  expect(await stderrWith(env)).toBe(line)
})

test('a name that is near to none is said with all that there are', async () => {
  const [start, names] = (await stderrWith({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'aws-sdk' })).split(': there are ')
  expect(start).toBe('tracelog: OTEL_NODE_ENABLED_INSTRUMENTATIONS names "aws-sdk", which there is not')
  const known = [
    'process',
    'winston',
    'console',
    'http',
    'http2',
    'undici',
    'express',
    'grpc',
    'child_process',
    'redis',
  ]
  expect(names?.trimEnd().split(', ')).toEqual(expect.arrayContaining(known))
})

test.each([
  { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'winston, console,http,process' },
  { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'console', TRACELOG_CONSOLE: 'off' },
  // Another distribution's: what there is not, is off.
  { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,dns,aws-sdk' },
  { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'winstn', OTEL_SDK_DISABLED: 'true' },
])('%o is not', async (env) => {
  expect(await stderrWith(env)).toBe('')
})
