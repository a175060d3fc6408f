/**
 * Is this Node new enough, and is the package whole?
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { isNewEnough, MIN_NODE } from '../node-version.ts'
import { packageVersion, registerUrl } from '../package-info.ts'
import type { Check } from './check.ts'

/** @param node  default: the version that runs */
export function checkVersions(node: string = process.version): Check[] {
  return [nodeCheck(node), packageCheck()]
}

function nodeCheck(node: string): Check {
  if (isNewEnough(node)) return { name: 'node', status: 'ok', message: `Node ${node}` }
  return {
    name: 'node',
    status: 'fail',
    message: `Node is ${node}, but must be ${MIN_NODE} or newer`,
    hint: 'Install a current Node.',
  }
}

function packageCheck(): Check {
  const file = fileURLToPath(registerUrl())
  if (existsSync(file))
    return { name: 'tracelog', status: 'ok', message: `tracelog ${packageVersion()}, preload ${file}` }
  return {
    name: 'tracelog',
    status: 'fail',
    message: `the preload ${file} does not exist`,
    hint: 'Install @org/tracelog again; in its checkout, run npm run build.',
  }
}
