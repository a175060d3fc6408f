/**
 * Which levels are in force? One integer per scope, changeable while the process runs; record/levels.ts asks.
 *
 * A rule's prefix matches a whole scope name or its beginning up to `.`, `:` or `/`; the longest prefix wins. Never throws:
 * texts were checked where they came in (config/level-config.ts).
 */
/** SeverityNumbers from which records are exported: 1 to 24; 25 lets nothing through. */
export interface LevelRules {
  /** For every scope without a rule; `undefined`: what the application prints. */
  readonly severity: number | undefined
  readonly scopes: readonly { readonly prefix: string; readonly severity: number }[]
}

export interface LevelGate {
  /** The level in force for a scope, 1 to 25; `undefined` when none is set. */
  thresholdOf(scopeName: string): number | undefined
  /** The lowest level in force for any scope; `undefined` when none is set at all. */
  lowestThreshold(): number | undefined
  /** Replaces the rule for the scope, or the level of all scopes without a rule. 1 to 25. */
  setLevel(severity: number, scope?: string): void
}

/** Scope names whose level is remembered; applications have few, but some make one per request. */
const MAX_REMEMBERED = 1000
/** Stands in the memory for "no level is set". */
const UNSET = 0

export function createLevelGate(initial: LevelRules): LevelGate {
  let severity = initial.severity
  const rules = new Map(initial.scopes.map((rule) => [rule.prefix, rule.severity]))
  const remembered = new Map<string, number>()
  let lowest = lowestOf(severity, rules)

  function thresholdNumber(scopeName: string): number {
    const known = remembered.get(scopeName)
    if (known !== undefined) return known
    const threshold = longestMatch(rules, scopeName) ?? severity ?? UNSET
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(scopeName, threshold)
    return threshold
  }

  return {
    thresholdOf: (scopeName) => (lowest === undefined ? undefined : thresholdNumber(scopeName) || undefined),
    lowestThreshold: () => lowest,
    setLevel(level, scope) {
      if (scope === undefined || scope === '') severity = level
      else rules.set(scope, level)
      lowest = lowestOf(severity, rules)
      remembered.clear()
    },
  }
}

function longestMatch(rules: ReadonlyMap<string, number>, scopeName: string): number | undefined {
  if (rules.size === 0) return undefined
  for (let end = scopeName.length; end > 0; end--) {
    const isBoundary = end === scopeName.length || '.:/'.includes(scopeName.charAt(end))
    if (!isBoundary) continue
    const severity = rules.get(scopeName.slice(0, end))
    if (severity !== undefined) return severity
  }
  return undefined
}

function lowestOf(severity: number | undefined, rules: ReadonlyMap<string, number>): number | undefined {
  const all = severity === undefined ? [...rules.values()] : [severity, ...rules.values()]
  return all.length === 0 ? undefined : Math.min(...all)
}
