/**
 * The file of rules that a command is about.
 */
import { join } from 'node:path'

import { findRulesFile, type RulesFile } from '../../config/backend-rules.ts'
import { TracelogError } from '../../diag/errors.ts'
import type { Io } from '../io.ts'
import { packageRoot } from '../package-info.ts'

/** For the help of commands that take one. */
export const RULES_FILE_HELP =
  'FILE is TRACELOG_CONFIG, else tracelog.yaml of the working directory, unless it is given.'

/** @param named  by a flag or an operand */
export function rulesFileHere({ env, cwd }: Pick<Io, 'env' | 'cwd'>, named: string | undefined): RulesFile | undefined {
  return findRulesFile({ flag: named, env, cwd, yamlPath: join(packageRoot(), 'dist/yaml.cjs') })
}

/** @throws TRACELOG_USAGE when there is none */
export function neededRulesFile(io: Pick<Io, 'env' | 'cwd'>, named: string | undefined): RulesFile {
  const file = rulesFileHere(io, named)
  if (file !== undefined) return file
  throw new TracelogError('There is no tracelog.yaml here, but a file of rules must be there', {
    code: 'TRACELOG_USAGE',
    hint: 'Name the file, or set TRACELOG_CONFIG.',
  })
}
