/**
 * Which levels are in force? One integer per scope, changeable while the process runs; record/levels.ts asks.
 *
 * Several sources say levels, each for all scopes or for some; of what is said of the same scope, the strongest source counts.
 * A rule's prefix matches a whole scope name or its beginning up to `.`, `:` or `/`; the longest prefix wins. Never throws:
 * texts were checked where they came in (config/level-config.ts).
 */

/** SeverityNumbers from which records are exported: 1 to 24; 25 lets nothing through. */
export interface LevelRules {
  /** For every scope without a rule; `undefined`: what the application prints. */
  readonly severity: number | undefined
  readonly scopes: readonly { readonly prefix: string; readonly severity: number }[]
}

/** Who says levels; each is stronger than those before it. Source: spec, pipeline, step 1. */
export const LEVEL_SOURCES = ['environment', 'file', 'code', 'command'] as const
export type LevelSource = (typeof LEVEL_SOURCES)[number]

/** What one source has changed. */
export interface LevelChange {
  /** The prefix; `undefined`: all scopes without a rule. */
  readonly scope: string | undefined
  /** 1 to 25; `undefined`: no level is set. */
  readonly before: number | undefined
  readonly now: number | undefined
  readonly source: LevelSource
}

export interface LevelGate {
  /** The level in force for a scope, 1 to 25; `undefined` when none is set. */
  thresholdOf(scopeName: string): number | undefined
  /** The lowest level in force for any scope; `undefined` when none is set at all. */
  lowestThreshold(): number | undefined
  /** Replaces all that the source has said. @returns what is different now */
  replace(source: LevelSource, rules: LevelRules): readonly LevelChange[]
  /** By code: the rule for the scope, or the level of all scopes without a rule. 1 to 25. @returns what is different now */
  setLevel(severity: number, scope?: string): readonly LevelChange[]
}

/** Scope names whose level is remembered; applications have few, but some make one per request. */
const MAX_REMEMBERED = 1000
/** Stands in the memory for "no level is set". */
const UNSET = 0
/** Stands for all scopes without a rule. */
const ALL = ''

/** @param initial  what each source says at the start */
export function createLevelGate(initial: Readonly<Partial<Record<LevelSource, LevelRules | undefined>>>): LevelGate {
  const said = new Map<LevelSource, Map<string, number>>()
  for (const source of LEVEL_SOURCES) said.set(source, mapOf(initial[source]))
  const remembered = new Map<string, number>()
  let rules = merged(said)
  let lowest = lowestOf(rules)

  function thresholdNumber(scopeName: string): number {
    const known = remembered.get(scopeName)
    if (known !== undefined) return known
    const threshold = longestMatch(rules, scopeName) ?? UNSET
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(scopeName, threshold)
    return threshold
  }

  function put(source: LevelSource, spoken: Map<string, number>): readonly LevelChange[] {
    const before = rules
    said.set(source, spoken)
    rules = merged(said)
    lowest = lowestOf(rules)
    remembered.clear()
    return changesOf(before, rules, source)
  }

  return {
    thresholdOf: (scopeName) => (lowest === undefined ? undefined : thresholdNumber(scopeName) || undefined),
    lowestThreshold: () => lowest,
    replace: (source, spoken) => put(source, mapOf(spoken)),
    setLevel: (level, scope = ALL) => put('code', new Map([...(said.get('code') ?? []), [scope, level]])),
  }
}

function mapOf(rules: LevelRules | undefined): Map<string, number> {
  const map = new Map(rules?.scopes.map(({ prefix, severity }) => [prefix, severity]))
  if (rules?.severity !== undefined) map.set(ALL, rules.severity)
  return map
}

/** The sources lie there from the weakest to the strongest. */
function merged(said: ReadonlyMap<LevelSource, ReadonlyMap<string, number>>): Map<string, number> {
  return new Map([...said.values()].flatMap((rules) => [...rules]))
}

function longestMatch(rules: ReadonlyMap<string, number>, scopeName: string): number | undefined {
  for (let end = rules.size > 1 || !rules.has(ALL) ? scopeName.length : 0; end > 0; end--) {
    const isBoundary = end === scopeName.length || '.:/'.includes(scopeName.charAt(end))
    if (!isBoundary) continue
    const severity = rules.get(scopeName.slice(0, end))
    if (severity !== undefined) return severity
  }
  return rules.get(ALL)
}

function lowestOf(rules: ReadonlyMap<string, number>): number | undefined {
  return rules.size === 0 ? undefined : Math.min(...rules.values())
}

/** Also for a rule that has come or gone: what its scope had, and has, without it. */
function changesOf(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  source: LevelSource,
): readonly LevelChange[] {
  const keys = new Set([...before.keys(), ...now.keys()])
  return [...keys]
    .map((key) => ({
      scope: key === ALL ? undefined : key,
      before: longestMatch(before, key),
      now: longestMatch(now, key),
      source,
    }))
    .filter(
      (change) => change.before !== change.now && before.get(change.scope ?? ALL) !== now.get(change.scope ?? ALL),
    )
}
