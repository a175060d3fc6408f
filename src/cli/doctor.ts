/**
 * `tracelog doctor`: will what the application in this folder logs arrive? One line per check, and what to do.
 */
import { createPaint } from './colour.ts'
import { BACKEND_FLAGS, JSON_FLAG, type Command, type Invocation } from './command.ts'
import { checkApiCopies } from './doctor/api-copies.ts'
import { checkBundles } from './doctor/bundles.ts'
import { checkLines, type Check } from './doctor/check.ts'
import { checkLibraries, findLibraries } from './doctor/libraries.ts'
import { checkLoggers } from './doctor/loggers.ts'
import { checkRecorder } from './doctor/recorder.ts'
import { checkReturning } from './doctor/returning.ts'
import { checkVersions } from './doctor/versions.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { isNewEnough } from './node-version.ts'
import { packageVersion } from './package-info.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Check that what the application in this folder logs will arrive',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: { ...JSON_FLAG, ...BACKEND_FLAGS },
  details: `Looks at versions, at the libraries and OpenTelemetry copies that the application would load, at the settings of environment and files, at the endpoint, and sends one test record
(service "tracelog-doctor") that it reads back through the API. A short program under the preload sends another one: its figures are shown. Another one loads the libraries, sends nothing, and says which are hooked.`,
  examples: [
    ['tracelog doctor', 'in the folder of an application'],
    ['tracelog doctor --json | jq .ok', 'true when no check failed'],
  ],
  exitCodes: { '0': 'no check failed', '1': 'a check failed' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const asJson = flags.isSet('json')
  const paint = createPaint(io.out.colourDepth)
  const checks: Check[] = []
  for await (const check of allChecks(invocation)) {
    checks.push(check)
    if (!asJson) for (const line of checkLines(check, paint)) writeLine(io.out, line)
  }
  const failed = checks.filter(({ status }) => status === 'fail').length
  if (asJson) writeJson(io.out, { ok: failed === 0, version: packageVersion(), node: process.version, checks })
  else writeLine(io.out, summaryOf(failed, checks))
  return failed === 0 ? EXIT.done : EXIT.failed
}

async function* allChecks(invocation: Invocation): AsyncGenerator<Check> {
  const { cwd } = invocation.io
  yield* checkVersions()
  // The other checks use what an older Node lacks, and some of them could not even be loaded there.
  if (!isNewEnough(process.version)) return
  const { readSettings } = await import('./doctor/settings.ts')
  const { checkHooks } = await import('./doctor/hooks.ts')
  const { askEndpoint, checkDelivery } = await import('./doctor/delivery.ts')
  yield checkApiCopies(cwd)
  const { checks, layered, capturesStdio, recorder, returning } = readSettings(invocation.io)
  const libraries = findLibraries(cwd)
  yield* checkLibraries(cwd, libraries)
  yield* checkBundles(cwd, libraries)
  yield* checkLoggers(cwd, capturesStdio)
  yield* await checkHooks(invocation.io, libraries)
  yield* checks
  const asked = await askEndpoint(invocation, layered)
  yield* checkRecorder(cwd, recorder, asked)
  yield* checkReturning(returning)
  yield* checkDelivery(invocation, asked)
}

function summaryOf(failed: number, checks: readonly Check[]): string {
  const warned = checks.filter(({ status }) => status === 'warn').length
  if (failed > 0) return `\n${failed} of ${checks.length} checks failed.`
  return warned > 0 ? `\nNo check failed, ${warned} to look at.` : '\nAll is well.'
}
