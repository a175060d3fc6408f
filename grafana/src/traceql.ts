/** The parts that queries to Tempo are made of. */

/**
 * What was chosen above. A span need not have an environment, and a regular expression never matches what is missing:
 * with "All" (`.*`) the second comparison, of two constants, is true for each span.
 */
export const CHOSEN_SPANS =
  'resource.service.name=~"$service" && (resource.deployment.environment.name=~"$environment" || "$environment"=".*")'

/** Spans of the chosen services for which all of these hold. */
export function spans(...conditions: readonly string[]): string {
  return `{${[CHOSEN_SPANS, ...conditions].join(' && ')}}`
}
