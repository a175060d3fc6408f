/**
 * Says why a run of .ci/run is red, in a few thousand characters, and then the sum: `N passed, N failed, N skipped`.
 *
 *     node .ci/sum.mjs FOLDER [failed step]...
 *
 * FOLDER holds, of each step, `<step>.log` and, of a test run, `<step>.jsonl` (.ci/report.mjs). Each of these counts as
 * failed: a test, a suite or file that broke, a file that never reported, an error outside of tests, a step that failed
 * without any of them. Passed and skipped are those of `npm test`; the other runs repeat some of its tests on other Nodes.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** CI keeps about the last 12,000 characters of the output. */
const MAX_TOTAL = 8_000
const MAX_MESSAGE = 600
const MAX_TAIL = 1_500
const MAX_SKIPS = 40
const MAIN_RUN = 'npm test'

const [folder, ...failedSteps] = process.argv.slice(2)
const runs = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => readRun(name.slice(0, -'.jsonl'.length)))
const problems = runs.flatMap((run) => run.problems)
for (const step of failedSteps) {
  if (problems.some((problem) => problem.step === step)) continue
  problems.push({ step, text: `${step} failed:\n${tail(step)}` })
}
const main = runs.find((run) => run.step === MAIN_RUN)
if (main === undefined && !problems.some(({ step }) => step === MAIN_RUN))
  problems.push({ step: MAIN_RUN, text: `${MAIN_RUN} left no report:\n${tail(MAIN_RUN)}` })
const passed = main?.passed ?? 0
const skips = runs.flatMap((run) => run.skips)

print(problems.map(({ text }) => `ci: FAILED ${text}`).concat(skips.slice(0, MAX_SKIPS)))
print(runs.flatMap(({ again }) => again).map((text) => `ci: passed at the second try: ${text}`))
if (main?.slowest) console.log(`ci: slowest: ${main.slowest}`)
if (problems.length > 0 || skips.length > 0 || passed === 0) process.exitCode = 1
console.log(`${passed} passed, ${problems.length} failed, ${main?.skips.length ?? 0} skipped`)

function readRun(step) {
  const lines = readFileSync(join(folder, `${step}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line))
  const modules = lines.filter((line) => line.module !== undefined)
  const files = lines.find((line) => line.start !== undefined)?.start ?? []
  const silent = files.filter((file) => !modules.some(({ module }) => module === file))
  const texts = [
    ...modules.flatMap(problemsOf),
    ...lines.filter((line) => line.error !== undefined).map((line) => `outside of a test: ${cut(line.error)}`),
    ...silent.map((file) => `${file} never reported`),
  ]
  const end = lines.findLast((line) => line.end !== undefined)?.end
  if (end === undefined) texts.unshift(`the run did not end:\n${tail(step)}`)
  else if (end !== 'passed' && texts.length === 0) texts.push(`the run ended as ${end}:\n${tail(step)}`)
  const label = step === MAIN_RUN ? '' : `(${step}) `
  return {
    step,
    problems: texts.map((text) => ({ step, text: label + text })),
    skips: modules.flatMap(({ module, skipped }) =>
      skipped.map(({ name, reason }) => `ci: skipped ${label}${module} > ${name}${reason ? `: ${reason}` : ''}`),
    ),
    again: modules.flatMap(({ module, again = [] }) => again.map((name) => `${label}${module} > ${name}`)),
    passed: modules.reduce((sum, module) => sum + module.passed, 0),
    slowest: modules
      .toSorted((one, other) => other.millis - one.millis)
      .slice(0, 5)
      .map(({ module, millis }) => `${module} ${Math.round(millis / 1_000)} s`)
      .join(', '),
  }
}

function problemsOf({ module, state, isOk, failed, brokenSuites, unfinished }) {
  const texts = [
    ...brokenSuites.map(
      ({ name, messages, notRun }) =>
        `${module}${name ? ` > ${name}` : ''} (whole suite${notRun ? `, ${notRun} tests not run` : ''}): ${cut(messages.join('; '))}`,
    ),
    ...failed.map(({ name, messages }) => `${module} > ${name}: ${cut(messages.join('; '))}`),
    ...unfinished.map((name) => `${module} > ${name}: did not end`),
  ]
  return texts.length === 0 && !isOk ? [`${module} ended as ${state}, without a word`] : texts
}

/** The first lines that fit, and how many do not. */
function print(texts) {
  let left = MAX_TOTAL
  for (const [index, text] of texts.entries()) {
    if (text.length > left) {
      console.log(`ci: ... and ${texts.length - index} more`)
      return
    }
    left -= text.length + 1
    console.log(text)
  }
}

function cut(text) {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} ...` : text
}

/** The end of a step's log, without colours. */
function tail(step) {
  const file = join(folder, `${step}.log`)
  if (!existsSync(file)) return '(no log)'
  return stripVTControlCharacters(readFileSync(file, 'utf8')).trimEnd().slice(-MAX_TAIL)
}
