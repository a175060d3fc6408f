/**
 * How to run npm from here: the one that runs us, the one beside the running Node, else the one on the PATH.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { type Env, readText } from '../../config/env.ts'

export interface NpmCommand {
  readonly file: string
  /** Before npm's own arguments. */
  readonly args: readonly string[]
  /** On Windows npm is a script that only a shell runs. */
  readonly shell: boolean
}

export function npmCommand(env: Env, node: string = process.execPath): NpmCommand {
  // Set by npm and npx for what they run; yarn and pnpm set it too, to their own.
  const running = readText(env, 'npm_execpath')
  if (running !== undefined && basename(running) === 'npm-cli.js' && existsSync(running)) return withNode(node, running)
  const beside = [
    join(dirname(node), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(node), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => existsSync(path))
  if (beside !== undefined) return withNode(node, beside)
  return { file: 'npm', args: [], shell: process.platform === 'win32' }
}

function withNode(node: string, script: string): NpmCommand {
  return { file: node, args: [script], shell: false }
}
