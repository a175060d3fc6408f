/**
 * `.env` beside docker-compose.yml: the password of Grafana's admin, and which compose files are in use.
 *
 * Docker Compose reads it by itself. It may be the user's own file with other things in it: lines are added or replaced,
 * never taken away, and the file is readable by its owner alone from then on.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'

export const ENV_FILE = '.env'
const MODE = 0o600

/** Read by docker-compose.yml. */
export const PASSWORD = 'GRAFANA_ADMIN_PASSWORD'
/** With a password that nobody can guess the login form may be shown. */
const LOGIN = 'GRAFANA_DISABLE_LOGIN_FORM'
/** Of Docker Compose: so `docker compose logs`, `ps` and `down` see what `up` started. */
export const COMPOSE_FILES = 'COMPOSE_FILE'

const INTRODUCTION = '# tracelog stack: read by docker compose. Keep it out of version control.'

/** Adds what is missing. @returns whether the password is new */
export function writeSecrets(folder: string): boolean {
  if (readEnvFile(folder).has(PASSWORD)) return false
  setVariables(folder, { [PASSWORD]: randomBytes(18).toString('base64url'), [LOGIN]: 'false' })
  return true
}

/** Replaces the lines of these names, adds those that are not there. */
export function setVariables(folder: string, variables: Readonly<Record<string, string>>): void {
  const file = join(folder, ENV_FILE)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').replace(/\n$/, '').split('\n') : [INTRODUCTION]
  for (const [name, value] of Object.entries(variables)) {
    const at = lines.findIndex((line) => nameOf(line) === name)
    lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `${name}=${value}`)
  }
  replaceFile(file, `${lines.join('\n')}\n`)
}

/** The old one or the new one is there at any moment: a full disk must not take what else is in it. A link stays one. */
function replaceFile(file: string, text: string): void {
  const target = existsSync(file) ? realpathSync(file) : file
  const beside = `${target}.${process.pid}.new`
  try {
    writeFileSync(beside, text, { mode: MODE, flag: 'wx' })
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/** Empty when there is no file. Quotes around a value are taken off; nothing is expanded. */
export function readEnvFile(folder: string): ReadonlyMap<string, string> {
  const file = join(folder, ENV_FILE)
  if (!existsSync(file)) return new Map()
  const pairs = readIt(file)
    .split('\n')
    .map(
      (line) =>
        [
          nameOf(line),
          line
            .slice(line.indexOf('=') + 1)
            // As docker compose reads it: a blank and `#` begin a comment.
            .replace(/^\s*([^"'\s][^#]*?)\s+#.*$/, '$1')
            .trim()
            .replaceAll(/^(["'])(.*)\1$/g, '$2'),
        ] as const,
    )
  return new Map(pairs.flatMap(([name, value]) => (name === undefined ? [] : [[name, value] as const])))
}

/** @throws TRACELOG_CONFIG_INVALID for another user's, or a folder */
function readIt(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TracelogError(`${file} cannot be read (${code}), but must be a file of yours: docker compose reads it`, {
      code: 'TRACELOG_CONFIG_INVALID',
      hint: 'Put its permissions right, or go to another folder.',
      cause,
    })
  }
}

function nameOf(line: string): string | undefined {
  return /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1]
}
