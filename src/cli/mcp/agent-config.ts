/**
 * What an agent's settings must say so that it starts `tracelog mcp`: printed, for the user to put there.
 */

export const AGENTS = ['claude', 'vscode', 'cursor', 'codex'] as const
export type Agent = (typeof AGENTS)[number]

/** `--no`: where the package is not installed nothing is fetched, least of all another one of that name. */
const COMMAND = 'npx'
const ARGUMENTS: readonly string[] = ['--no', 'tracelog', 'mcp']

export interface AgentConfig {
  /** Where it belongs: one line for a person. */
  readonly place: string
  /** The file, or the part of one. */
  readonly text: string
}

/** @param added  arguments of `tracelog mcp` */
export function agentConfig(agent: Agent, added: readonly string[]): AgentConfig {
  const args = [...ARGUMENTS, ...added]
  const server = { command: COMMAND, args }
  switch (agent) {
    case 'claude':
      return { place: '.mcp.json in the project', text: json({ mcpServers: { tracelog: server } }) }
    case 'cursor':
      return { place: '.cursor/mcp.json in the project', text: json({ mcpServers: { tracelog: server } }) }
    case 'vscode':
      return {
        place: '.vscode/mcp.json in the project',
        text: json({ servers: { tracelog: { type: 'stdio', ...server } } }),
      }
    default: {
      const lines = ['[mcp_servers.tracelog]', `command = ${JSON.stringify(COMMAND)}`, `args = ${JSON.stringify(args)}`]
      return { place: '~/.codex/config.toml', text: lines.join('\n') }
    }
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
