/**
 * A logger whose lines do not arrive is named on stderr: once, when it is used, and never where there is none.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../../support/nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-unheard-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Packages in the shape of the real ones: what is loaded, and by which channel or method a line is told. */
const FILES: Readonly<Record<string, string>> = {
  'node_modules/log4js/package.json': '{ "name": "log4js", "main": "./lib/log4js" }',
  'node_modules/log4js/lib/log4js.js': 'exports.getLogger = () => ({})',
  'node_modules/@nestjs/common/package.json': '{ "name": "@nestjs/common", "main": "index.js" }',
  'node_modules/@nestjs/common/index.js': "Object.assign(exports, require('./services/console-logger.service'))",
  'node_modules/@nestjs/common/services/console-logger.service.js': `class ConsoleLogger {
  log(text) { this.printMessages([text]) }
  printMessages([text]) { process.stdout.write(text + '\\n') }
}
exports.ConsoleLogger = ConsoleLogger`,
  'node_modules/thread-stream/index.js':
    "module.exports = () => new (require('node:worker_threads').Worker)('process.exit()', { eval: true })",
  'idle.cjs': "require('@nestjs/common'); require('thread-stream')()",
  'log4js.cjs': "require('log4js')",
  'nest.cjs': `const { ConsoleLogger } = require('@nestjs/common')
const before = Object.getOwnPropertyNames(ConsoleLogger.prototype)
new ConsoleLogger().log('a')
new ConsoleLogger().log(String(before.join() === Object.getOwnPropertyNames(ConsoleLogger.prototype).join()))`,
  'threads.cjs': `const { Worker } = require('node:worker_threads')
for (const text of ['1', '2']) new Worker(text, { eval: true })`,
  'none.mjs': `import { register } from 'node:module'
import { createRequire } from 'node:module'
const winston = createRequire(import.meta.url)('winston')
register('data:text/javascript,export const resolve = (specifier, context, next) => next(specifier, context)')
await import('./none.cjs')
console.log('x')
winston.createLogger({ transports: [new winston.transports.Console()] }).info('y')`,
  'none.cjs': '',
  // A folder of an application that has the name of a logger.
  'log4js/package.json': '{ "name": "mine" }',
  'log4js/index.js': "require('./lib.js')",
  'log4js/lib.js': '',
}
beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
})

async function stderrOf(program: string, version: string, env: Record<string, string> = {}): Promise<string> {
  const end = await runChild(join(root, program), {
    node: nodeBinary(version),
    cwd: root,
    env: {
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'none',
      NODE_PATH: join(import.meta.dirname, '../../../node_modules'),
      ...env,
    },
  })
  expect(end.code).toBe(0)
  return end.stderr
}

const saysOf = (name: string) =>
  `tracelog: ${name} is loaded, but its lines are not captured: set TRACELOG_CAPTURE_STDIO=on to have what it prints\n`

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  test.concurrent.each([
    ['log4js.cjs', saysOf('log4js')],
    ['nest.cjs', saysOf("Nest's Logger")],
    ['threads.cjs', ''],
    ['idle.cjs', ''],
    ['log4js/index.js', ''],
  ])('%s', async (program, expected) => {
    expect(await stderrOf(program, version)).toBe(expected)
  })
})

test('nothing is said where all is heard, though Node starts a thread of its own', async () => {
  for (const version of NODE_VERSIONS) {
    expect(await stderrOf('none.mjs', version, { NODE_NO_WARNINGS: '1' })).toBe('')
  }
})

test('nothing is said of what is captured where it is printed', async () => {
  for (const program of ['nest.cjs', 'log4js.cjs']) {
    expect(await stderrOf(program, NODE_VERSIONS[1] as string, { TRACELOG_CAPTURE_STDIO: 'on' })).toBe('')
  }
})

test('who has switched a logger off knows that it is not heard', async () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'log4js' }
  for (const program of ['log4js.cjs']) {
    expect(await stderrOf(program, NODE_VERSIONS[1] as string, env)).toBe('')
  }
})
