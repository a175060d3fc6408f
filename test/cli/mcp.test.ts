import { expect, test } from 'vitest'

import { tokensOf } from '../../src/mcp/budget.ts'
import { runCli } from './run-cli.ts'

const BACKEND = ['--backend', 'http://127.0.0.1:4330']

test.each([
  ['claude', '.mcp.json', (file: string) => (JSON.parse(file) as Settings).mcpServers],
  ['cursor', '.cursor/mcp.json', (file: string) => (JSON.parse(file) as Settings).mcpServers],
  ['vscode', '.vscode/mcp.json', (file: string) => (JSON.parse(file) as Settings).servers],
])('prints the file that %s wants, with the flags that were given', async (agent, place, serversOf) => {
  const { code, out, err } = await runCli(['mcp', '--print-config', agent, ...BACKEND])
  expect(code).toBe(0)
  expect(serversOf(out)?.tracelog).toMatchObject({ command: 'npx', args: ['--no', 'tracelog', 'mcp', ...BACKEND] })
  expect(err).toContain(place)
  expect(out).not.toContain('test-token')
})

test('prints the lines that codex wants', async () => {
  const { out } = await runCli(['mcp', '--print-config', 'codex'])
  expect(out).toBe('[mcp_servers.tracelog]\ncommand = "npx"\nargs = ["--no","tracelog","mcp"]\n')
})

interface Settings {
  readonly mcpServers?: { readonly tracelog: unknown }
  readonly servers?: { readonly tracelog: unknown }
}

test('refuses an agent that it does not know', async () => {
  const { code, err } = await runCli(['mcp', '--print-config', 'emacs'])
  expect(code).toBe(2)
  expect(err).toContain('claude, vscode, cursor, codex')
})

test('the skill is a page of at most 800 tokens', async () => {
  const { code, out } = await runCli(['skill'])
  expect(code).toBe(0)
  expect(tokensOf(out)).toBeLessThanOrEqual(800)
})

test('without a backend the tools are listed, and each call says how to start one', async () => {
  const call = (id: number, method: string, params: unknown): string =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
  const lines = ['overview', 'requests', 'logs'].map((name, i) => call(i + 2, 'tools/call', { name, arguments: {} }))
  const { code, out } = await runCli(['mcp'], { in: call(1, 'tools/list', {}) + lines.join('') })
  const answers = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; result: Record<string, unknown> })
  expect(code).toBe(0)
  expect(answers.find(({ id }) => id === 1)?.result['tools']).toHaveLength(9)
  for (const id of [2, 3, 4]) {
    const result = answers.find((answer) => answer.id === id)?.result
    expect(result).toMatchObject({ isError: true })
    expect(JSON.stringify(result)).toContain('no backend is running; start `npx tracelog dev`')
  }
})
