export function log(...args) {
  console.log(...args)
}
