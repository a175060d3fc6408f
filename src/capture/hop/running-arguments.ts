/**
 * With which arguments does a method run at this moment? Asked where it reads something that an accessor of ours stands for: what it was
 * called with is told without a function of ours between caller and method.
 *
 * Only functions of sloppy mode tell; they have it from the language, in all its versions.
 */
type Method = (...args: never[]) => unknown

/** @throws for a function that does not tell: one of strict mode, an arrow, a method of a class */
export function requireArgumentsOf(method: unknown): Method {
  if (typeof method === 'function' && tells(method as Method)) return method as Method
  throw new Error('its methods are not as they were')
}

/** @returns `undefined`: it does not run now */
export function runningArguments(method: Method): ArrayLike<unknown> | undefined {
  return (method as unknown as { readonly arguments: ArrayLike<unknown> | null }).arguments ?? undefined
}

/** Up to Node 24 the field is the function's own, in 26 its prototype's: only reading it says for whom it is meant. */
function tells(method: Method): boolean {
  try {
    return runningArguments(method) === undefined
  } catch {
    return false
  }
}
