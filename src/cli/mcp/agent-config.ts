/**
 * What an agent's settings must say so that it starts `tracelog mcp`: printed, for the user to put there.
 */

export const AGENTS = ['claude', 'vscode', 'cursor', 'codex'] as const
export type Agent = (typeof AGENTS)[number]

/** `--no`: where the package is not installed nothing is fetched, least of all another one of that name. */
const COMMAND = 'npx'
const ARGUMENTS: readonly string[] = ['--no', 'tracelog', 'mcp']

/** @param added  arguments of `tracelog mcp` */
export function agentConfig(agent: Agent, added: readonly string[]): string[] {
  const args = [...ARGUMENTS, ...added]
  switch (agent) {
    case 'claude':
      return [
        '.mcp.json in the project (or: claude mcp add tracelog -- npx --no tracelog mcp):',
        ...json({ mcpServers: { tracelog: { command: COMMAND, args } } }),
      ]
    case 'cursor':
      return ['.cursor/mcp.json in the project:', ...json({ mcpServers: { tracelog: { command: COMMAND, args } } })]
    case 'vscode':
      return [
        '.vscode/mcp.json in the project:',
        ...json({ servers: { tracelog: { type: 'stdio', command: COMMAND, args } } }),
      ]
    default:
      return [
        '~/.codex/config.toml:',
        '[mcp_servers.tracelog]',
        `command = ${JSON.stringify(COMMAND)}`,
        `args = ${JSON.stringify(args)}`,
      ]
  }
}

function json(value: unknown): string[] {
  return JSON.stringify(value, null, 2).split('\n')
}
