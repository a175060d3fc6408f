import adapters from './adapters.cjs'
import run from './requests.cjs'

const [, , name] = process.argv
const { default: library } = await import(name)
await run(adapters[name](library))
