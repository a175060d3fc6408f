/**
 * Where a frame of a stack is in the editor: `vscode://file/home/me/shop/src/cart.ts:31:14`.
 */

/** @param frame  as it was logged: `getCart (/home/me/shop/src/cart.ts:31:14)`; undefined for what is no file of an absolute path */
export function placeInSource(frame: string): string | undefined {
  const bracket = frame.lastIndexOf('(')
  const where = (bracket < 0 ? frame : frame.slice(bracket + 1).replace(/\)$/, '')).replace(/^file:\/\//, '')
  if (!/^(?:\/|[A-Za-z]:[\\/])/.test(where) || !/:\d+(?::\d+)?$/.test(where)) return undefined
  const path = where.replaceAll('\\', '/')
  return `vscode://file${path.startsWith('/') ? '' : '/'}${encodeURI(path)}`
}
