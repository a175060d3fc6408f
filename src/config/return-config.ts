/**
 * Whether lines may be returned to callers, and by which keys (spec: return).
 */
import { invalid, readList, readSwitch, readText, type Env } from './env.ts'
import type { ProblemCollector } from './problems.ts'

export interface ReturnConfig {
  /** They sign grants, the first of them, and verify, all of them; none: a random one of this process does. */
  readonly keys: readonly string[]
  /** Loggers whose records any caller may see. */
  readonly publicLoggers: readonly string[]
}

/** Of a key. Bytes. */
const MIN_KEY_BYTES = 32
const KEY_RULE = 'one key, or two with a comma between, of at least 32 bytes each'

/** `undefined`: nothing is returned. Never throws: problems go to the collector. */
export function readReturn(env: Env, problems: ProblemCollector): ReturnConfig | undefined {
  const isOn = problems.attempt(() => readSwitch(env, 'TRACELOG_RETURN')) ?? false
  const config: ReturnConfig = {
    keys: problems.attempt(() => readReturnKeys(env)) ?? [],
    publicLoggers: readList(env, 'TRACELOG_RETURN_PUBLIC') ?? [],
  }
  return isOn ? config : undefined
}

/** @returns `undefined`: there is none. @throws TRACELOG_CONFIG_INVALID */
export function readReturnKeys(env: Env): readonly string[] | undefined {
  const own = 'TRACELOG_RETURN_KEY'
  const text = readText(env, own)
  if (text !== undefined) return keysOf(own, text)
  const inFile = 'TRACELOG_RETURN_KEY_FILE'
  const path = readText(env, inFile)
  return path === undefined ? undefined : keysOf(inFile, textOf(path) ?? '', path)
}

function keysOf(name: string, text: string, shown = '[redacted]'): readonly string[] {
  const keys = text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
  const isRight = keys.length >= 1 && keys.length <= 2 && keys.every((key) => Buffer.byteLength(key) >= MIN_KEY_BYTES)
  if (isRight) return keys
  throw invalid(name, shown, name.endsWith('_FILE') ? `a file that can be read, with ${KEY_RULE}` : KEY_RULE)
}

function textOf(path: string): string | undefined {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
