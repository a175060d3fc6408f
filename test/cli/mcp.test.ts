import { expect, test } from 'vitest'

import { tokensOf } from '../../src/mcp/budget.ts'
import { runCli } from './run-cli.ts'

test.each(['claude', 'vscode', 'cursor', 'codex'])(
  'prints what %s wants, with the flags that were given',
  async (agent) => {
    const { code, out } = await runCli(['mcp', '--print-config', agent, '--backend', 'http://127.0.0.1:4330'])
    expect(code).toBe(0)
    expect(out.replaceAll(/\s+/g, '')).toContain('"--no","tracelog","mcp","--backend","http://127.0.0.1:4330"]')
    expect(out).not.toContain('test-token')
  },
)

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
  expect(answers.find(({ id }) => id === 1)?.result['tools']).toHaveLength(5)
  for (const id of [2, 3, 4]) {
    const result = answers.find((answer) => answer.id === id)?.result
    expect(result).toMatchObject({ isError: true })
    expect(JSON.stringify(result)).toContain('no backend is running; start `npx tracelog dev`')
  }
})
