/** Prints `N passed, N failed, N skipped` from vitest's JSON report; exits 1 when a test or a step of .ci/run failed. */
import { readFileSync } from 'node:fs'

const [, , reportFile, failedSteps] = process.argv
let report
try {
  report = JSON.parse(readFileSync(reportFile, 'utf8'))
} catch {
  report = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 }
}
const skipped = report.numPendingTests + report.numTodoTests
const isRed = report.numFailedTests > 0 || skipped > 0 || Number(failedSteps) > 0 || report.numPassedTests === 0
if (isRed) process.exitCode = 1
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`)
