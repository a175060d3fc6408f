/**
 * `tracelog clear`: the local backend forgets what it has, so that a test begins with nothing.
 */
import { clearBackend } from '../sources/clear-backend.ts'
import { BACKEND_FLAGS, JSON_FLAG, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { findBackend } from './find-backend.ts'
import { writeJson, writeLine } from './io.ts'

export const clearCommand: Command = {
  name: 'clear',
  summary: 'Let the local backend forget what it has, for tests',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    before: { type: 'string', value: 'WHEN', help: 'only what happened before: 15m, 2h, 7d or a date (default: all)' },
    ...JSON_FLAG,
    ...BACKEND_FLAGS,
  },
  details: `What is pinned stays. It is gone for good: tracelog export keeps a copy. What an application has not sent yet comes later.`,
  examples: [
    ['tracelog clear', 'before each test'],
    ['tracelog clear --before 1d', 'what is older than a day'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const cleared = await clearBackend(findBackend(invocation).address, flags.text('before'))
  if (flags.isSet('json')) writeJson(io.out, cleared)
  else writeLine(io.out, `cleared: ${cleared.logs} records, ${cleared.spans} spans, ${cleared.traces} traces`)
  return EXIT.done
}
