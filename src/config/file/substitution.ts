/**
 * `${VAR}`, `${env:VAR}` and `${VAR:-default}` in the values of a configuration file; `$$` is a dollar sign.
 *
 * Source: OpenTelemetry specification, "Configuration Data Model", environment variable substitution: what a variable holds is
 * put in as it is and not looked through again; without quotes around, the result is read as YAML reads a value.
 */
import type { Env } from '../env.ts'

const REFERENCE = /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^\n}]*))?\}/g
/** What looks like a reference. Of one within another only the inner one is looked at: the outer one is text. */
const LIKELY = /\$\{(?![^}]*\$\{)[^}]*\}/g

/**
 * @param unset  what a reference to nothing, and without a default, is: `''`, or an error
 * @returns the text with all references replaced
 * @throws an error that names a wrong reference
 */
export function substitute(text: string, env: Env, unset: 'empty' | 'told' = 'empty'): string {
  const parts = text.split('$$')
  return parts.map((part) => replaceReferences(part, env, unset)).join('$')
}

function replaceReferences(part: string, env: Env, unset: 'empty' | 'told'): string {
  const wrong = part.match(LIKELY)?.find((likely) => likely.replace(REFERENCE, '') !== '')
  if (wrong !== undefined) throw new Error(`${wrong} is no reference, but must be as \${NAME} or \${NAME:-default}`)
  return part.replace(REFERENCE, (reference: string, name: string, byDefault?: string) => {
    const value = env[name]
    if (value !== undefined && value !== '') return value
    if (byDefault === undefined && unset === 'told') throw new Error(`${reference} is not set in the environment`)
    return byDefault ?? ''
  })
}
