/**
 * Which loggers does the application have, and will their lines arrive?
 */
import type { Check } from './check.ts'
import { findInstalled, versionNumbers, type InstalledPackage } from './installed-packages.ts'

interface LoggerSupport {
  /** Bridged from this major version on; `undefined`: not bridged by this version of tracelog. */
  readonly bridgedFrom?: number
  /** What an unbridged one does. */
  readonly otherwise?: string
}

const THROUGH_CONSOLE = 'arrives where it writes through console, as console records'
const PRINTS = 'prints by process.stdout.write'

/** What this version bridges. Source: spec/bridges, and what src/capture/loggers holds. */
const LOGGERS: Readonly<Record<string, LoggerSupport>> = {
  winston: { bridgedFrom: 3, otherwise: 'is older than 3: its lines do not arrive' },
  pino: { bridgedFrom: 8, otherwise: 'is older than 8: its lines do not arrive' },
  bunyan: { bridgedFrom: 1, otherwise: 'is older than 1.8: its lines do not arrive' },
  log4js: { otherwise: PRINTS },
  '@nestjs/common': { otherwise: PRINTS },
  signale: { otherwise: PRINTS },
  tslog: { otherwise: THROUGH_CONSOLE },
  loglevel: { otherwise: THROUGH_CONSOLE },
  roarr: { otherwise: PRINTS },
  consola: { otherwise: PRINTS },
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
 * One check per logger that is installed as the application's own, and one for console.
 *
 * @param capturesStdio  TRACELOG_CAPTURE_STDIO is on
 */
export function checkLoggers(cwd: string, capturesStdio = false): Check[] {
  const found = findInstalled(cwd, new Set([...Object.keys(LOGGERS), ...Object.keys(SECOND_BRIDGES)]))
  return [...found.map((each) => secondBridgeCheck(each) ?? loggerCheck(each, capturesStdio)), CONSOLE]
}

function secondBridgeCheck({ name, version, path }: InstalledPackage): Check | undefined {
  const second = SECOND_BRIDGES[name]
  return second && { name, status: second.status, message: `${name} ${version} ${second.message} (${path})` }
}

function loggerCheck({ name, version, path }: InstalledPackage, capturesStdio: boolean): Check {
  const { bridgedFrom, otherwise } = LOGGERS[name] as LoggerSupport
  const [major] = versionNumbers(version)
  if (bridgedFrom !== undefined && major >= bridgedFrom) {
    return { name, status: 'ok', message: `${name} ${version} is bridged (${path})` }
  }
  if (otherwise === PRINTS) {
    const whose = name === '@nestjs/common' ? "Nest's own Logger" : name
    return {
      name,
      status: capturesStdio ? 'ok' : 'note',
      message: capturesStdio
        ? `${whose} ${version} ${PRINTS}, which is captured (${path})`
        : `${whose} ${version} ${PRINTS}: its lines arrive with TRACELOG_CAPTURE_STDIO=on (${path})`,
    }
  }
  return {
    name,
    status: otherwise === THROUGH_CONSOLE ? 'note' : 'warn',
    message: `${name} ${version} ${otherwise} (${path})`,
  }
}
