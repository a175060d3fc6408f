/**
 * Which loggers does the application have that are not hooked, and will their lines arrive? Those that are: libraries.ts.
 */
import type { Check } from './check.ts'
import type { InstalledPackage } from './installed-package.ts'
import { findLoadable } from './loadable-packages.ts'

const THROUGH_CONSOLE = 'arrives where it writes through console, as console records'
const PRINTS = 'prints by process.stdout.write'

/** How each writes. */
const LOGGERS: Readonly<Record<string, typeof PRINTS | typeof THROUGH_CONSOLE>> = {
  log4js: PRINTS,
  '@nestjs/common': PRINTS,
  signale: PRINTS,
  tslog: THROUGH_CONSOLE,
  loglevel: THROUGH_CONSOLE,
  roarr: PRINTS,
  consola: PRINTS,
}

const CONSOLE: Check = {
  name: 'console',
  status: 'ok',
  message: 'console.* is captured (TRACELOG_CONSOLE=off ends that)',
}

/** What sends a logger's lines as well: with it each line comes twice. */
const SECOND_BRIDGES: Readonly<Record<string, Omit<Check, 'name'>>> = {
  'pino-opentelemetry-transport': {
    status: 'warn',
    message: "sends pino's lines too, so that each comes twice: take it out of pino's `transport`",
  },
  '@opentelemetry/instrumentation-pino': {
    status: 'note',
    message:
      "sends pino's lines too where an SDK registers it, so that each comes twice: give it `disableLogSending: true`",
  },
}

/**
 * One check per logger that the application would load, and one for console.
 *
 * @param capturesStdio  TRACELOG_CAPTURE_STDIO is on
 */
export function checkLoggers(cwd: string, capturesStdio = false): Check[] {
  const found = findLoadable(cwd, new Set([...Object.keys(LOGGERS), ...Object.keys(SECOND_BRIDGES)]))
  return [...found.map((each) => secondBridgeCheck(each) ?? loggerCheck(each, capturesStdio)), CONSOLE]
}

function secondBridgeCheck({ name, version, path }: InstalledPackage): Check | undefined {
  const second = SECOND_BRIDGES[name]
  return second && { name, status: second.status, message: `${name} ${version} ${second.message} (${path})` }
}

function loggerCheck({ name, version, path }: InstalledPackage, capturesStdio: boolean): Check {
  const writes = LOGGERS[name] as string
  if (writes === PRINTS) {
    const whose = name === '@nestjs/common' ? "Nest's own Logger" : name
    return {
      name,
      status: capturesStdio ? 'ok' : 'note',
      message: capturesStdio
        ? `${whose} ${version} ${PRINTS}, which is captured (${path})`
        : `${whose} ${version} ${PRINTS}: its lines arrive with TRACELOG_CAPTURE_STDIO=on (${path})`,
    }
  }
  return { name, status: 'note', message: `${name} ${version} ${writes} (${path})` }
}
