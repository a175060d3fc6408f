import ask from './ask.cjs'

await ask(async (name) => {
  const library = await import(name)
  return library.default ?? library
})
