/**
 * Random ids that must be unique and need not be secret.
 *
 * Not node:crypto: loading it costs every process 2.6 ms at its start (Node 24, measured), and V8 seeds Math.random from the
 * system's entropy.
 */

/** A UUID of version 4. */
export function randomUuid(): string {
  const variant = (8 + Math.floor(Math.random() * 4)).toString(16)
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`
}

function hex(digits: number): string {
  return Math.floor(Math.random() * 16 ** digits)
    .toString(16)
    .padStart(digits, '0')
}
