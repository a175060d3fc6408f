// Prints which chunks of ours are compiled before and after it loads a library, and how the library's instrumentation stands.
const { basename } = require('node:path')
const vm = require('node:vm')

const compiled = []
const { compileFunction } = vm
vm.compileFunction = (text, params, options) => {
  const file = basename(options?.filename ?? '')
  // A function of the library that a call of ours is put into is no chunk.
  if (file.startsWith('engine-')) compiled.push(file)
  return compileFunction(text, params, options)
}
const [name] = process.argv.slice(2)
const status = () =>
  globalThis[Symbol.for('org.tracelog.v1')].instrumentations().find((one) => one.name === name)?.status
const before = { compiled: [...compiled], status: status() }
require(name)
process.stdout.write(JSON.stringify({ before, after: { compiled, status: status() } }))
