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
  /** Hidden in every string, besides the built-in patterns; each with the flag `g`. */
  readonly patterns: readonly RegExp[]
}

/** Never throws: problems go to the collector. */
export function readRedaction(env: Env, problems: ProblemCollector): RedactConfig {
  const keys = readKeys(env, problems)
  return {
    isOn: problems.attempt(() => readSwitch(env, 'TRACELOG_REDACT')) ?? true,
    addedKeys: keys.filter((key) => key.startsWith('+')).map((key) => key.slice(1)),
    removedKeys: keys.filter((key) => key.startsWith('-')).map((key) => key.slice(1)),
    patterns: readPatterns(env, problems),
  }
}

/** The good ones count, whatever the others are: hiding too much is the safe side. */
function readKeys(env: Env, problems: ProblemCollector): readonly string[] {
  const name = 'TRACELOG_REDACT_KEYS'
  const keys = problems.attempt(() => readList(env, name)) ?? []
  const wrong = keys.filter((key) => !isSigned(key))
  if (wrong.length > 0) {
    problems.add(invalid(name, wrong.join(','), 'a comma list of +key (also hide) and -key (do not hide)'))
  }
  return keys.filter(isSigned)
}

function isSigned(key: string): boolean {
  return /^[+-]\s*\S/.test(key)
}

/** One pattern per line, because a comma may be part of one. The good ones count. */
function readPatterns(env: Env, problems: ProblemCollector): readonly RegExp[] {
  const name = 'TRACELOG_REDACT_PATTERNS'
  const lines = readText(env, name)?.split('\n') ?? []
  return lines.flatMap((line, index) => {
    const text = line.trim()
    if (text === '') return []
    const pattern = compile(text)
    if (pattern !== undefined) return [pattern]
    // Its text may be the secret.
    problems.add(invalid(name, `[line ${index + 1}]`, 'regular expressions, one per line'))
    return []
  })
}

/** `\-` and the like are errors with the flag `u` only. */
function compile(text: string): RegExp | undefined {
  for (const flags of ['gu', 'g']) {
    try {
      return new RegExp(text, flags)
    } catch {
      // The next flags, or none.
    }
  }
  return undefined
}
