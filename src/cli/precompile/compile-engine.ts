/**
 * The program of a process of its own: starts the engine as an application's process does, and writes what V8 has compiled for it to
 * standard output. Called by `tracelog precompile` with the bundle's path.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

import { asFunction, START_BUNDLE } from '../../model/compiled-code.ts'

const filename = process.argv[2] ?? ''
const folder = dirname(filename)
// A configuration file of the folder that it was called from says nothing here.
process.chdir(folder)
// Set for a preload in NODE_OPTIONS: the engine is to be started once, by the script below.
delete process.env['OTEL_SDK_DISABLED']

const { source, columnOffset } = asFunction(START_BUNDLE, readFileSync(filename, 'latin1'))
const script = new Script(source, { filename, columnOffset })
const module = { exports: {} as { preload(): void } }
Reflect.apply(script.runInThisContext() as () => void, module.exports, [
  module,
  module.exports,
  createRequire(filename),
  filename,
  folder,
])
module.exports.preload()
// Now, and not before: the functions that a start has called are in it.
writeFileSync(1, script.createCachedData())
