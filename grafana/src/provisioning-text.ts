/**
 * The text of a provisioning file: YAML in which Grafana replaces variables of its environment.
 *
 * Grafana reads `$NAME` and `${NAME}` in every value as a variable and `$$` as a dollar sign. Everything else of ours that
 * has a dollar sign (`${__value.raw}`, `$labels`, the end of a regular expression) is therefore doubled here, once.
 */
import { stringify } from 'yaml'

const MARK = '\u0000'

/** A value that Grafana takes from its environment when it starts. */
export function fromEnvironment(name: string): string {
  return `${MARK}{${name}}`
}

/** @param about  the comment at the top: one line each */
export function provisioningText(about: readonly string[], content: unknown): string {
  const head = [
    ...about,
    'Built by `npm run grafana` from grafana/src; a test fails when this file is not what it builds.',
  ]
  const comment = head.map((line) => `# ${line}\n`).join('')
  return comment + stringify(escaped(content), { lineWidth: 0, aliasDuplicateObjects: false })
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$').replaceAll(MARK, '$')
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]))
}
