/**
 * The only place that knows what an environment variable's text may be. Pure: the environment is passed in.
 *
 * Unset or blank means the default (undefined here). Unreadable text is an error that names variable, value and rule:
 * nothing is clamped or guessed.
 */
import { TracelogError } from '../diag/errors.ts'
import { safeOwnSetting } from '../model/secrets/own-text.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** The real environment, at the moment of the call. Nothing of ours ever writes to it. */
export function processEnv(): Env {
  return process.env
}

export function readText(env: Env, name: string): string | undefined {
  const text = env[name]?.trim()
  return text === undefined || text === '' ? undefined : text
}

export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/** @throws TRACELOG_CONFIG_INVALID when the text is no whole number within the range */
export function readInteger(env: Env, name: string, range: IntegerRange): number | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined

  const value = Number(text)
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value

  throw invalid(name, text, `a whole number from ${range.min} to ${range.max}`)
}

/** @throws TRACELOG_CONFIG_INVALID when the text (compared in lower case) is none of `choices` */
export function readChoice<T extends string>(env: Env, name: string, choices: readonly T[]): T | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined

  const choice = choices.find((candidate) => candidate === text.toLowerCase())
  if (choice !== undefined) return choice

  throw invalid(name, text, `one of ${choices.join(', ')}`)
}

/** `on` and `off`, as all our switches. @throws TRACELOG_CONFIG_INVALID */
export function readSwitch(env: Env, name: string): boolean | undefined {
  const choice = readChoice(env, name, ['on', 'off'])
  return choice === undefined ? undefined : choice === 'on'
}

/** A boolean of the OpenTelemetry specification: only `true` (any case) is true, `false` is false. @throws TRACELOG_CONFIG_INVALID */
export function readBoolean(env: Env, name: string): boolean | undefined {
  const choice = readChoice(env, name, ['true', 'false'])
  return choice === undefined ? undefined : choice === 'true'
}

/** A share. @throws TRACELOG_CONFIG_INVALID when the text is no number from 0 to 1 */
export function readRatio(env: Env, name: string): number | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw invalid(name, text, 'a number from 0 to 1')
}

/** A comma list; blanks around items and empty items are dropped. */
export function readList(env: Env, name: string): readonly string[] | undefined {
  const items = readText(env, name)
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items === undefined || items.length === 0 ? undefined : items
}

/** The error for a value that breaks its rule; what is secret in the value is not told. */
export function invalid(name: string, value: string, rule: string): TracelogError {
  return new TracelogError(`${name} is "${safeOwnSetting(name, value)}", but must be ${rule}`, {
    code: 'TRACELOG_CONFIG_INVALID',
    hint: `Set ${name} to ${rule}, or unset it to use the default.`,
  })
}
