/**
 * `tracelog mcp`: answers coding agents on standard input and output, from the same source as all reading commands.
 */
import type { BackendAddress } from '../sources/backend-client.ts'
import { createLocalSource } from '../sources/local.ts'
import { readSourceName } from '../config/source-config.ts'
import { serveProtocol } from '../mcp/protocol.ts'
import { createMcpServer, type McpServerOptions } from '../mcp/server.ts'
import { SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { findAgain, findBackend } from './find-backend.ts'
import { writeLine } from './io.ts'
import { AGENTS, agentConfig } from './mcp/agent-config.ts'
import { openSource } from './open-source.ts'
import { packageVersion } from './package-info.ts'

export const mcpCommand: Command = {
  name: 'mcp',
  summary: 'Answer coding agents: the Model Context Protocol on standard input and output',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    'print-config': {
      type: 'string',
      value: 'AGENT',
      help: `print what ${AGENTS.join(', ')} wants in its settings, and end; changes nothing`,
    },
    ...SOURCE_FLAGS,
  },
  details: `An agent starts it; nobody types it. The backend may be started later, or again: it is looked for at each question.
Records are foreign text: answers put them between marks, as data. Nothing is written, and no port is opened.`,
  examples: [
    ['tracelog mcp --print-config claude > .mcp.json', 'how Claude Code is told of it'],
    ['tracelog mcp --backend http://127.0.0.1:4330', 'ask this backend'],
    ['tracelog mcp --source app.jsonl', 'answer out of a log file'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const agent = flags.choice('print-config', AGENTS)
  if (agent !== undefined) {
    const { place, text } = agentConfig(agent, ownArguments(invocation))
    writeLine(io.err, `tracelog mcp: for ${place}`)
    writeLine(io.out, text)
    return EXIT.done
  }
  const server = createMcpServer({ version: packageVersion(), ...(await readingFrom(invocation)) })
  await serveProtocol(
    io.in,
    async (line) => {
      io.out.write(line)
      await io.out.drained()
    },
    server,
  )
  return EXIT.done
}

/** Flags that an agent must give as well. The token is not among them: it is in the backend's file, or in the environment. */
function ownArguments({ flags }: Invocation): string[] {
  return Object.keys(SOURCE_FLAGS).flatMap((name) => {
    const value = flags.text(name)
    return value === undefined ? [] : [`--${name}`, value]
  })
}

async function readingFrom(invocation: Invocation): Promise<Omit<McpServerOptions, 'version'>> {
  const { flags, io } = invocation
  const name = readSourceName({ source: flags.text('source'), loki: flags.text('loki') }, io.env)
  if (name !== 'local') {
    const source = await openSource(invocation)
    return { capabilities: source.capabilities, open: () => Promise.resolve({ source, page: undefined }) }
  }
  const sourceAt = (address: BackendAddress, signal?: AbortSignal) =>
    createLocalSource(address, () => findAgain(invocation), signal)
  return {
    capabilities: sourceAt({ api: 'http://127.0.0.1' }).capabilities,
    open: async (signal) => {
      const { address } = findBackend(invocation)
      return { source: sourceAt(address, signal), page: address.api }
    },
  }
}
