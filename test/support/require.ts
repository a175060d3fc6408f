/**
 * What a test needs that the machine may not have: the reason and the command are printed when it is skipped.
 *
 * TRACELOG_TEST_REQUIRE=all (CI) turns each skip into a failure.
 */
import { spawnSync } from 'node:child_process'

import { test } from 'vitest'

const INSTALL: Readonly<Record<string, string>> = {
  'redis-server': 'apt-get install -y redis-server',
  nginx: 'apt-get install -y nginx',
  haproxy: 'apt-get install -y haproxy',
  promtool: 'apt-get install -y prometheus',
  memcached: 'apt-get install -y memcached',
  mariadbd: 'apt-get install -y mariadb-server',
  postgres: 'apt-get install -y postgresql',
  chromium: 'apt-get install -y chromium',
  prometheus: 'apt-get install -y prometheus',
}

/** Whether `program` answers to `--version`, `-v` or `version`. */
export function hasProgram(program: string): boolean {
  return ['--version', '-v', 'version'].some((flag) => spawnSync(program, [flag], { stdio: 'ignore' }).status === 0)
}

/**
 * `test`, or a skipped test whose name says what is missing and how to get it.
 *
 * Use: `requireProgram('redis-server')('reads through a cache', async () => { ... })`
 */
export function requireProgram(program: string): typeof test {
  return requireThat(hasProgram(program), `needs ${program}; to get it: ${INSTALL[program] ?? `install ${program}`}`)
}

/** The same for what is no program on the PATH. @param reason  what is missing and the command that provides it */
export function requireThat(isThere: boolean, reason: string): typeof test {
  if (isThere) return test
  const mustFail = process.env['TRACELOG_TEST_REQUIRE'] === 'all'
  const missing = (name: string): void => {
    if (!mustFail) return test.skip(`${name} (${reason})`)
    return test(`${name} (${reason})`, () => {
      throw new Error(reason)
    })
  }
  // A table becomes one test: its cases may need what is missing.
  const table = (): typeof missing => missing
  return Object.assign(missing, { for: table, each: table }) as unknown as typeof test
}

/** For tests that look at other processes. */
export const requirePs: typeof test = requireThat(
  spawnSync('ps', { stdio: 'ignore' }).error === undefined,
  'needs ps; to get it: apt-get install -y procps',
)
