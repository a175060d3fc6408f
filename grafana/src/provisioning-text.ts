/**
 * The text of a provisioning file, and what Grafana does with dollar signs in it.
 *
 * In a file of data sources `$NAME` and `${NAME}` are variables of Grafana's environment, and `$$` is a dollar sign. In
 * a file of alert rules that holds for labels alone: annotations and queries are taken as they are, so that
 * `{{ $labels.x }}` must not be doubled there (values.go and alerting/rules_types.go of Grafana; its issue 71007).
 */
import { stringify } from 'yaml'

const MARK = '\u0000'

/** A value that Grafana takes from its environment when it starts. Only through `dollarsDoubled`. */
export function fromEnvironment(name: string): string {
  return `${MARK}{${name}}`
}

/** @param about  the comment at the top: one line each */
export function provisioningText(about: readonly string[], content: unknown): string {
  const built = 'Built by `npm run grafana` from grafana/src; a test fails when this file is not what it builds.'
  const comment = [...about, built].map((line) => `# ${line}\n`).join('')
  return comment + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** Every dollar sign of ours doubled, and the variables of the environment in place. */
export function dollarsDoubled(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$').replaceAll(MARK, '$')
  if (Array.isArray(value)) return value.map(dollarsDoubled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, dollarsDoubled(inner)]))
}
