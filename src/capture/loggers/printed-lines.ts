/**
 * Has this line been told already? A logger whose transport ends in `console.log` would have its records captured twice.
 */

let lastLine: string | undefined

/** A bridged logger is about to print this line. */
export function expectLine(line: unknown): void {
  lastLine = typeof line === 'string' ? line : undefined
}

/** Whether these console arguments are the line that a bridged logger has just finished. */
export function isExpectedLine(args: readonly unknown[]): boolean {
  return lastLine !== undefined && args.length === 1 && args[0] === lastLine
}
