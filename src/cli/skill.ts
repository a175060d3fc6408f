/**
 * `tracelog skill`: a page on how to work with the tools of `tracelog mcp`, for agents that are told by files.
 */
import { SKILL } from '../mcp/words.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'

export const skillCommand: Command = {
  name: 'skill',
  summary: 'Print how an agent works with the tools of tracelog mcp',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {},
  details: 'The same text that `tracelog mcp` tells each agent as its instructions.',
  examples: [['tracelog skill > .claude/skills/tracelog.md', 'for an agent that reads files']],
  run({ io }) {
    io.out.write(SKILL)
    return Promise.resolve(EXIT.done)
  },
}
