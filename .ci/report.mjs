/**
 * A vitest reporter that writes what .ci/sum.mjs needs: one JSON object per line, each written when it is known, so that
 * a run that is killed half-way still tells what it did. The file's name is in TRACELOG_CI_REPORT.
 *
 * Lines: {start: files}, {module, ...}, {error}, {end: reason}. vitest's own JSON report has neither errors outside of
 * tests nor files that never reported (a worker that crashed): those were red runs that read "N passed, 0 failed".
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'

export default class CiReporter {
  #file = process.env.TRACELOG_CI_REPORT
  #ended = new Set()
  #started = 0

  onTestRunStart(specifications) {
    const files = specifications.map(({ moduleId }) => toName(moduleId))
    this.#started = files.length
    writeFileSync(this.#file, '')
    this.#write({ start: files })
  }

  onTestModuleEnd(testModule) {
    if (this.#ended.has(testModule.id)) return
    this.#ended.add(testModule.id)
    const line = readModule(testModule)
    this.#write(line)
    // Into the step's log, of which .ci/run shows the newest line once a minute.
    console.log(`${this.#ended.size} of ${this.#started} files: ${line.isOk ? 'ok' : 'FAILED'} ${line.module}`)
  }

  onTestRunEnd(testModules, unhandledErrors, reason) {
    for (const testModule of testModules) this.onTestModuleEnd(testModule)
    for (const error of unhandledErrors) this.#write({ error: readError(error) })
    this.#write({ end: reason })
  }

  #write(line) {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

function readModule(testModule) {
  const tests = [...testModule.children.allTests()]
  const suites = [testModule, ...testModule.children.allSuites()]
  const brokenSuites = suites.filter((suite) => suite.errors().length > 0)
  const stateOf = (test) => test.result().state
  const isBelowBroken = (test) => brokenSuites.some((suite) => isIn(test, suite))
  const unfinished = tests.filter((test) => stateOf(test) === 'pending').map((test) => test.fullName)
  return {
    module: toName(testModule.moduleId),
    isOk: testModule.state() === 'passed' || testModule.state() === 'skipped',
    state: testModule.state(),
    millis: Math.round(testModule.diagnostic().duration),
    passed: tests.filter((test) => stateOf(test) === 'passed').length,
    failed: tests
      .filter((test) => stateOf(test) === 'failed')
      .map((test) => ({ name: test.fullName, messages: test.result().errors.map(readError) })),
    // Told at the end: who passes only at the second try is looked into, and is no reason to throw a run away.
    again: tests.filter((test) => test.diagnostic()?.flaky === true).map((test) => test.fullName),
    skipped: tests
      .filter((test) => stateOf(test) === 'skipped' && !isBelowBroken(test))
      .map((test) => ({ name: test.fullName, reason: test.result().note ?? '' })),
    // A hook or the file itself failed: vitest calls the tests below it skipped; they were to run and did not.
    brokenSuites: brokenSuites.map((suite) => ({
      name: suite === testModule ? '' : suite.fullName,
      messages: suite.errors().map(readError),
      notRun: tests.filter((test) => stateOf(test) === 'skipped' && isIn(test, suite)).length,
    })),
    unfinished,
  }
}

function isIn(test, suite) {
  for (let parent = test.parent; parent !== undefined; parent = parent.parent) if (parent === suite) return true
  return false
}

/** Name, message and the first line of the stack that is ours. */
function readError(error) {
  const stack = String(error.stack ?? '').split('\n')
  const place = stack.find((line) => /^\s+at /.test(line) && !line.includes('node_modules') && !line.includes('node:'))
  const cause =
    error.cause === undefined || error.cause === null ? '' : ` (cause: ${error.cause.message ?? error.cause})`
  return `${error.type ? `${error.type}: ` : ''}${error.name ?? 'Error'}: ${error.message ?? error}${cause}${place ? ` ${place.trim()}` : ''}`
}

function toName(moduleId) {
  return relative(process.cwd(), moduleId)
}
