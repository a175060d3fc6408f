/**
 * `tracelog stack init`: the stack's files from this package into the user's project, where they may change them.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import { JSON_FLAG, type Command, type FlagSpec, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeJson, writeLine, type Io } from '../io.ts'
import { packageRoot } from '../package-info.ts'
import { ENV_FILE, PASSWORD, writeSecrets } from './env-file.ts'
import { publishedAt } from './ports.ts'
import { compareFiles, copyFiles, type Comparison } from './stack-files.ts'

export const DIR_FLAG: Readonly<Record<string, FlagSpec>> = {
  dir: { type: 'string', value: 'DIR', help: 'the folder of docker-compose.yml (default: this one)' },
}

export const stackInitCommand: Command = {
  name: 'stack init',
  summary: 'Write docker-compose.yml, compose.*.yaml, collector/ and grafana/ into your project',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: { ...JSON_FLAG, ...DIR_FLAG, force: { type: 'boolean', help: 'overwrite files that differ' } },
  details: `Also writes .env, readable by you alone, with a random password for Grafana's admin, and so turns its login on.
Where a file of yours differs, nothing is written without --force. A second run of the same version changes nothing.`,
  examples: [
    ['tracelog stack init', 'into this folder'],
    ['tracelog stack init --dir observability', 'beside a docker-compose.yml of your own'],
    ['tracelog stack init --json | jq .written', 'for scripts'],
  ],
  exitCodes: { '0': 'the files are there', '1': 'files differ; nothing was written' },
  run: async (invocation) => init(invocation),
}

/** The folder that `--dir` names. */
export function folderOf({ flags, io }: Pick<Invocation, 'flags' | 'io'>): string {
  return resolve(io.cwd, flags.text('dir') ?? '.')
}

function init({ flags, io }: Invocation): number {
  const from = packageRoot()
  const folder = folderOf({ flags, io })
  const compared = writing(folder, () => {
    mkdirSync(folder, { recursive: true })
    return compareFiles(from, folder)
  })
  const asJson = flags.isSet('json')
  if (compared.different.length > 0 && !flags.isSet('force')) {
    if (asJson) writeJson(io.out, { ok: false, folder, written: [], different: compared.different })
    else refuse(io.err, compared)
    return EXIT.failed
  }
  const isNewPassword = writing(folder, () => {
    copyFiles(from, folder, [...compared.missing, ...compared.different])
    return writeSecrets(folder)
  })
  const { grafana } = publishedAt(folder, io.env)
  if (asJson) {
    const written = [...compared.missing, ...compared.different]
    writeJson(io.out, { ok: true, folder, written, different: [], new_password: isNewPassword, grafana })
    return EXIT.done
  }
  const reported = { folder, cwd: io.cwd, isNewPassword, grafana }
  for (const line of report(compared, reported)) writeLine(io.out, line)
  return EXIT.done
}

/** @throws TRACELOG_USAGE for what the file system refuses */
function writing<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { code, path = folder } = cause as NodeJS.ErrnoException
    throw new TracelogError(
      `${path} cannot be written to (${code}), but must be a folder or a file that you may write`,
      {
        code: 'TRACELOG_USAGE',
        hint: 'Name another folder with --dir, or put its permissions right.',
        cause,
      },
    )
  }
}

function refuse(err: Io['err'], { different }: Comparison): void {
  writeLine(
    err,
    `tracelog stack init: ${different.length} files here differ from those of this version; nothing was written:`,
  )
  for (const name of different) writeLine(err, `  ${name}`)
  writeLine(
    err,
    '  Commit them, run it again with --force and look at the difference; or use another folder with --dir.',
  )
}

interface Reported {
  readonly grafana: string
  readonly folder: string
  readonly cwd: string
  readonly isNewPassword: boolean
}

function report(
  { missing, different, equal }: Comparison,
  { folder, cwd, isNewPassword, grafana }: Reported,
): string[] {
  const place = relative(cwd, folder)
  const dir = place === '' ? '' : ` --dir ${place}`
  const written = missing.length + different.length
  return [
    `Files written: ${written}; there already: ${equal.length}${place === '' ? '' : `, in ${place}`}.`,
    isNewPassword
      ? `${ENV_FILE} has a new password for Grafana (user admin: ${PASSWORD}); only you can read it.`
      : `${ENV_FILE} keeps its password for Grafana.`,
    ...(isIgnored(folder) ? [] : [`Put ${ENV_FILE} into .gitignore.`]),
    '',
    'Next:',
    `  npx tracelog stack up${dir}                             start it, and check that it works`,
    '  TRACELOG_RECORD_UID=on node --import @org/tracelog/register app.js',
    `  ${''.padEnd(48)}  your application, unchanged`,
    `  ${grafana.padEnd(48)}  Grafana: the dashboard "Follow one request"`,
    'collector/README.md says how this grows beyond one machine.',
  ]
}

/** A look at the folder's own .gitignore only: a hint is all that comes of it. */
function isIgnored(folder: string): boolean {
  const file = join(folder, '.gitignore')
  return existsSync(file) && /^\/?\.env\*?$/m.test(readFileSync(file, 'utf8'))
}
