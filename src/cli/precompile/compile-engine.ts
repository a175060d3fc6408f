/**
 * The program of a process of its own: starts the engine as an application's process does, writes one record, and puts on standard output
 * what V8 has compiled for both, as JSON: by bundle, in base64. Called by `tracelog precompile` with the path of the start's bundle.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import vm, { Script } from 'node:vm'

import { asFunction, START_BUNDLE } from '../../model/compiled-code.ts'

const filename = process.argv[2] ?? ''
const folder = dirname(filename)
const load = createRequire(filename)
const scripts = new Map<string, Script>()
// A configuration file of the folder that it was called from says nothing here.
process.chdir(folder)
// Set for a preload in NODE_OPTIONS: the engine is to be started once, by the script below.
delete process.env['OTEL_SDK_DISABLED']
// By this chunks are compiled (app/chunk.ts); a function of it has no code to hand out.
vm.compileFunction = ((text: string, _parameters: unknown, options: { filename: string }) =>
  compile(basename(options.filename), options.filename, text)) as typeof vm.compileFunction

const module = { exports: {} as { preload(): void } }
const start = compile(START_BUNDLE, filename, readFileSync(filename, 'latin1'))
Reflect.apply(start, module.exports, [module, module.exports, load, filename, folder])
module.exports.preload()
const { logs, SeverityNumber } = load('@opentelemetry/api') as typeof import('@opentelemetry/api')
logs.getLogger('tracelog').emit({ severityNumber: SeverityNumber.INFO, body: 'a record', attributes: { of: 'nobody' } })
// Now, and not before: the functions that were called are in it.
const codes = [...scripts].map(([bundle, script]) => [bundle, script.createCachedData().toString('base64')])
writeFileSync(1, JSON.stringify(Object.fromEntries(codes)))
// At once, and not by exit(): the record is not to be sent.
;(process as unknown as { reallyExit(code: number): never }).reallyExit(0)

function compile(bundle: string, path: string, text: string): () => void {
  const { source, columnOffset } = asFunction(bundle, text)
  const script = new Script(source, { filename: path, columnOffset })
  scripts.set(bundle, script)
  return script.runInThisContext() as () => void
}
