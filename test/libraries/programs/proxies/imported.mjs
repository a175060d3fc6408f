import { run } from './front.cjs'

await run(async (name) => {
  const library = await import(name)
  return library.default ?? library
})
