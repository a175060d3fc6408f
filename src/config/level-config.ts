/**
 * Reads TRACELOG_LEVEL: one level for everything, and others for scopes by name prefix (`info,db=debug,http=warn`).
 */
import { LEVEL_NAMES, nameOfLevel, SEVERITY_OFF, severityOfLevelName } from '../model/severity.ts'
import { invalid, readList, type Env } from './env.ts'

/** From which SeverityNumber up records are exported. 1 to 24; 25 lets nothing through. */
export interface LevelConfig {
  /** `undefined`: what the application's loggers let through themselves. */
  readonly severity: number | undefined
  /** The longest scope prefix that matches wins; a prefix ends at `.`, `:` or `/`. */
  readonly scopes: readonly { readonly prefix: string; readonly severity: number }[]
}

/** What a level may be, for messages. */
export const LEVEL_RULE: string = `one of ${LEVEL_NAMES.join(', ')}, off, a number from 1 to 24, or a list as info,db=debug,http=warn`

/** @throws TRACELOG_CONFIG_INVALID naming the part that is no level */
export function readLevels(env: Env, name: string): LevelConfig | undefined {
  const items = readList(env, name)
  return items && levelsOf(items, name)
}

/** The same for a text that stands elsewhere than in a variable. @throws TRACELOG_CONFIG_INVALID, also for an empty text */
export function parseLevels(text: string, name: string): LevelConfig {
  const rules = readLevels({ [name]: text }, name)
  if (rules === undefined) throw invalid(name, text, LEVEL_RULE)
  return rules
}

/** As `parseLevels` reads it. */
export function formatLevels({ severity, scopes }: LevelConfig): string {
  const all = severity === undefined ? [] : [nameOfLevel(severity)]
  return [...all, ...scopes.map((rule) => `${rule.prefix}=${nameOfLevel(rule.severity)}`)].join(',')
}

function levelsOf(items: readonly string[], name: string): LevelConfig {
  let severity: number | undefined
  const scopes: { prefix: string; severity: number }[] = []
  for (const item of items) {
    const at = item.lastIndexOf('=')
    const level = severityOf(item.slice(at + 1).trim())
    const prefix = item.slice(0, Math.max(at, 0)).trim()
    if (level === undefined || (at >= 0 && prefix === '')) throw invalid(name, item, LEVEL_RULE)
    if (at < 0) severity = level
    else scopes.push({ prefix, severity: level })
  }
  return { severity, scopes }
}

/** The SeverityNumber of a level as settings write it; `undefined` when it is none. */
export function severityOf(text: string): number | undefined {
  const lower = text.toLowerCase()
  if (lower === 'off') return SEVERITY_OFF
  if (/^\d+$/.test(lower)) return Number(lower) >= 1 && Number(lower) <= 24 ? Number(lower) : undefined
  return (LEVEL_NAMES as readonly string[]).includes(lower) ? severityOfLevelName(lower) : undefined
}
