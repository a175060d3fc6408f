/**
 * Which frame of a stack is the application's own first one: where an error came from, whatever the line numbers are today.
 */

/** Longer stacks are read so far. Characters. */
const MAX_LENGTH = 16_384

/** `getCart (/app/src/cart.ts)`, without its place in the file; the first frame at all where none is the application's. */
export function ownFrame(stack: string): string | undefined {
  const frames = stack.slice(0, MAX_LENGTH).split('\n').flatMap(frameOf)
  const frame = frames.find((one) => !isDependencyFrame(one) && !isNodeFrame(one)) ?? frames[0]
  return frame?.replace(/(?::\d{1,9}){1,2}(?=\)?$)/, '')
}

/** What stands behind `at `. By hand: `(.+?)\s*$` reads a run of blanks once for each of them. */
export function frameOf(line: string): string[] {
  const text = line.trim()
  const frame = text.startsWith('at ') ? text.slice('at '.length).trimStart() : ''
  return frame === '' ? [] : [frame]
}

export function isDependencyFrame(frame: string): boolean {
  return /[\\/]node_modules[\\/]/.test(frame) || /^node_modules[\\/]|\(node_modules[\\/]/.test(frame)
}

export function isNodeFrame(frame: string): boolean {
  return /(?:^|\(|\s)node:/.test(frame) || frame === '<anonymous>' || frame.endsWith('(native)')
}
