/**
 * What is hidden before anything leaves: TRACELOG_REDACT, _KEYS, _PATTERNS (spec: security). The lists themselves are the redactor's.
 */
import { invalid, readList, readSwitch, readText, type Env } from './env.ts'
import type { ProblemCollector } from './problems.ts'

export interface RedactConfig {
  /** False: nothing is hidden, which is said at start. */
  readonly isOn: boolean
  /** Keys hidden besides the built-in ones, and built-in ones that are not. As written. */
  readonly addedKeys: readonly string[]
  readonly removedKeys: readonly string[]
  /** Hidden in every string, besides the built-in patterns; each with the flags `gu`. */
  readonly patterns: readonly RegExp[]
}

/** Never throws: problems go to the collector. */
export function readRedaction(env: Env, problems: ProblemCollector): RedactConfig {
  const keys = problems.attempt(() => readKeys(env, 'TRACELOG_REDACT_KEYS')) ?? []
  return {
    isOn: problems.attempt(() => readSwitch(env, 'TRACELOG_REDACT')) ?? true,
    addedKeys: keys.filter((key) => key.startsWith('+')).map((key) => key.slice(1)),
    removedKeys: keys.filter((key) => key.startsWith('-')).map((key) => key.slice(1)),
    patterns: problems.attempt(() => readPatterns(env, 'TRACELOG_REDACT_PATTERNS')) ?? [],
  }
}

function readKeys(env: Env, name: string): readonly string[] | undefined {
  const keys = readList(env, name)
  const wrong = keys?.find((key) => !/^[+-]\s*\S/.test(key))
  if (wrong !== undefined) throw invalid(name, wrong, 'a comma list of +key (also hide) and -key (do not hide)')
  return keys
}

/** One pattern per line, because a comma may be part of one. */
function readPatterns(env: Env, name: string): readonly RegExp[] | undefined {
  const lines = readText(env, name)
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines?.map((line) => {
    try {
      return new RegExp(line, 'gu')
    } catch {
      throw invalid(name, line, 'regular expressions, one per line')
    }
  })
}
