/**
 * What Node prints while modules load is the application's affair: errors, the line and caret of their source, stacks, exit codes
 * and deprecation warnings are those of the same program with an empty preload, byte for byte.
 *
 * An empty preload by the same flag is the measure: `--import` alone changes what Node prints.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { REGISTER, runChild } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'tracelog-module-errors-')))
let receiver: Receiver

const FILES: Readonly<Record<string, string>> = {
  'empty.cjs': '',
  'chain.cjs': "require('./service.cjs')",
  'service.cjs': "const config = require('./config.cjs')\nmodule.exports = config",
  'config.cjs': "const name = 'DATABASE_URL'\nif (true) { throw new Error(`${name} is not set`) }",
  'text.cjs': "require('./throws-text.cjs')",
  'throws-text.cjs': "  throw 'a text'",
  'chain.mjs': "import './service.cjs'",
  'missing.cjs': "require('./requires-missing.cjs')",
  'requires-missing.cjs': "require('not-there')",
  'missing.mjs': "import 'not-there'",
  'syntax.cjs': "require('./bad-syntax.cjs')",
  'bad-syntax.cjs': 'const a = 1\nconst b = = 2',
  'later.cjs': "const { run } = require('./thrower.cjs')\nsetImmediate(run)",
  'thrower.cjs': "const { fail } = require('./fail.cjs')\nexports.run = () => fail()",
  'fail.cjs': "exports.fail = () => { throw new TypeError('later') }",
  'rejects.cjs': "require('./service.cjs', Promise.reject(new Error('rejected')))",
  'caught.cjs':
    "try { require('./chain.cjs') } catch (error) { console.log(error.stack) }\nconsole.log(new Error('here').stack)",
  'stacks.cjs': "require('winston'); require('./prints-stack.cjs')",
  'prints-stack.cjs': "Error.stackTraceLimit = 50\nconsole.log(new Error('while loading').stack)",
  // Silent bare: Node looks whether the caller lies in node_modules.
  'punycode.cjs': "require('uses-punycode')",
  'punycode.mjs': "import 'uses-punycode'",
  'node_modules/uses-punycode/index.js': "module.exports = require('deep')",
  'node_modules/deep/index.js': "module.exports = require('./lib/index.js')",
  'node_modules/deep/lib/index.js': "module.exports = require('./inner/again.js')",
  'node_modules/deep/lib/inner/again.js':
    "const punycode = require('punycode')\nconst old = [new Buffer(1), require('url').parse('http://a/')]\nmodule.exports = { punycode, old }",
  // Printed bare.
  'own-punycode.cjs': "require('./requires-punycode.cjs')",
  'requires-punycode.cjs': "module.exports = [require('punycode'), new Buffer(1), require('url').parse('http://a/')]",
}
const PROGRAMS = [
  'chain.cjs',
  'text.cjs',
  'chain.mjs',
  'missing.cjs',
  'missing.mjs',
  'syntax.cjs',
  'later.cjs',
  'rejects.cjs',
  'caught.cjs',
  'stacks.cjs',
  'punycode.cjs',
  'punycode.mjs',
  'own-punycode.cjs',
]

beforeAll(async () => {
  receiver = await startReceiver()
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
})
afterAll(async () => {
  rmSync(root, { recursive: true })
  await receiver.close()
})

async function outputOf(program: string, flag: string, preload: string, node: string) {
  const end = await runChild(join(root, program), {
    node,
    cwd: root,
    preload: 'none',
    nodeArgs: [flag, flag === '--import' ? pathToFileURL(preload).href : preload],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      NODE_PATH: join(import.meta.dirname, '../../node_modules'),
    },
  })
  const printed = (text: string) => text.replaceAll(/\(node:\d+\)/g, '(node)')
  return { code: end.code, signal: end.signal, stdout: printed(end.stdout), stderr: printed(end.stderr) }
}

const cases = ['--require', '--import'].flatMap((flag) => PROGRAMS.map((program) => ({ flag, program })))

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  test.concurrent.each(cases)('$flag $program prints what it prints without us', async ({ flag, program }) => {
    const node = nodeBinary(version)
    const bare = await outputOf(program, flag, join(root, 'empty.cjs'), node)
    const preloaded = await outputOf(program, flag, REGISTER, node)
    expect(preloaded).toEqual(bare)
  })
})

test('a deprecated module that a dependency requires is silent, as it is bare', async () => {
  for (const program of ['punycode.cjs', 'punycode.mjs']) {
    const { stderr, code } = await outputOf(program, '--require', REGISTER, process.execPath)
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  }
})
