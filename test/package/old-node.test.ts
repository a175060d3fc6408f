/** On a Node that is too old, a command says so in one line instead of failing at the first thing that Node lacks. */
import { spawnSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { nodeBinary } from '../support/nodes.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const TOO_OLD = 'Node is v18.20.8, but must be 22.15.0 or newer'

function runOnOldNode(command: string): { readonly status: number | null; readonly stdout: string; stderr: string } {
  return spawnSync(nodeBinary('18.20.8'), [CLI, command], { encoding: 'utf8', env: { NO_COLOR: '1' } })
}

test('query', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = runOnOldNode('query')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(TOO_OLD)
})

test('doctor, which goes no further', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = runOnOldNode('doctor')
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  expect(stdout).toContain(TOO_OLD)
  expect(stdout).toMatch(/\n1 of \d checks failed\.\n$/)
})
