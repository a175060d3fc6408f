/** What is built for callers: one file for each kind of module, small, with nothing of Node's and nothing of the engine in it. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

const dist = new URL('../../dist/', import.meta.url).pathname
/** Bytes. A budget, not a measurement. */
const MAX_GZIP_BYTES = 6 * 1024

test.each(['client.js', 'client.cjs'])('%s is small, and names no other module', (file) => {
  const code = readFileSync(dist + file, 'utf8')
  expect(gzipSync(code).length).toBeLessThanOrEqual(MAX_GZIP_BYTES)
  expect(code).not.toMatch(/\bnode:|\brequire\(|\bfrom\s*["']|\bimport\b|org\.tracelog|opentelemetry/)
  expect(existsSync(`${dist}client/with-logs.js`)).toBe(false)
})

test.each([
  ['import', "import { withLogs } from '@org/tracelog/client'; console.log(typeof withLogs)"],
  ['require', "console.log(typeof require('@org/tracelog/client').withLogs)"],
])('is found by its name with %s', (kind, code) => {
  const args = [`--input-type=${kind === 'import' ? 'module' : 'commonjs'}`, '-e', code]
  expect(String(execFileSync(process.execPath, args, { cwd: dist })).trim()).toBe('function')
})
