/**
 * What every record of one `tracelog run` says of it: which run, what was run, of which state of the code.
 *
 * By OTEL_RESOURCE_ATTRIBUTES, which children inherit and other SDKs read too. A run within a run is part of the outer one.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { promisify } from 'node:util'

import { readText, type Env } from '../config/env.ts'
import { ATTR_RUN_DIRTY, ATTR_RUN_ID, ATTR_RUN_NAME, ATTR_VCS_REVISION } from '../model/semconv.ts'

export interface RunWords {
  readonly env: Env
  readonly cwd: string
  /** The command. */
  readonly command: readonly string[]
  /** As it was given; default: the command's first words. */
  readonly name: string | undefined
}

/** A repository may be large: without an answer until then nothing is said of the code. Milliseconds. */
const GIT_MILLIS = 2_000
const MAX_NAME = 80

/** For the command's environment. */
export async function runVariables({ env, cwd, command, name }: RunWords): Promise<Readonly<Record<string, string>>> {
  const before = readText(env, 'OTEL_RESOURCE_ATTRIBUTES')
  if (before?.includes(`${ATTR_RUN_ID}=`) === true) return {}
  const { revision, isDirty } = await stateOfCode(cwd)
  const added = {
    [ATTR_RUN_ID]: randomBytes(8).toString('hex'),
    [ATTR_RUN_NAME]: (name ?? commandName(command)).slice(0, MAX_NAME).toWellFormed(),
    ...(revision === undefined ? {} : { [ATTR_VCS_REVISION]: revision, [ATTR_RUN_DIRTY]: String(isDirty) }),
  }
  const pairs = Object.entries(added).map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
  // What the user has set comes last: of two values of one key that one counts.
  return { OTEL_RESOURCE_ATTRIBUTES: [...pairs, ...(before === undefined ? [] : [before])].join(',') }
}

/** `npm start`, `node server.js`. No options, no addresses: they may hold what is nobody's business. */
function commandName([program = '', first = '']: readonly string[]): string {
  return `${basename(program)} ${/^-|:\/\/|[=@]/.test(first) ? '' : first}`.trim()
}

interface StateOfCode {
  readonly revision?: string
  readonly isDirty?: boolean
}

/** By git, where the folder is in a repository. */
async function stateOfCode(cwd: string): Promise<StateOfCode> {
  const args = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=no']
  try {
    const { stdout } = await promisify(execFile)('git', args, { cwd, timeout: GIT_MILLIS, maxBuffer: 16 * 1024 * 1024 })
    const revision = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1]
    return revision === undefined ? {} : { revision, isDirty: /^[12u] /m.test(stdout) }
  } catch {
    return {}
  }
}
