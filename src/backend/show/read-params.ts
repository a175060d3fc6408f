/**
 * Query parameters of the API as the query core wants them. Unreadable ones are an error that names parameter, value and rule.
 */
import { timeOfValue } from '../../model/time.ts'
import type { PageRequest } from '../query/query.ts'
import { Unanswered } from './answer.ts'

/** Source: spec, contract of the HTTP API. */
const MAX_LIMIT = 5_000

/** `q`, `since`, `until`, `order`, `limit`, `cursor`. @throws Unanswered 400 */
export function readPageRequest(params: URLSearchParams, defaultLimit = 200): PageRequest {
  const q = textOf(params, 'q')
  const since = timeOf(params, 'since')
  const until = timeOf(params, 'until')
  const cursor = textOf(params, 'cursor')
  const order = choiceOf(params, 'order', ['asc', 'desc'] as const)
  return {
    limit: limitOf(params) ?? defaultLimit,
    ...(q === undefined ? {} : { q }),
    ...(since === undefined ? {} : { sinceUnixNano: since }),
    ...(until === undefined ? {} : { untilUnixNano: until }),
    ...(order === undefined ? {} : { order }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

/** @returns undefined when absent or blank. @throws Unanswered 400 */
export function choiceOf<T extends string>(
  params: URLSearchParams,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textOf(params, name)
  if (text === undefined) return undefined
  const choice = choices.find((candidate) => candidate === text)
  if (choice !== undefined) return choice
  throw wrong(name, text, `one of ${choices.join(', ')}`)
}

/** @returns undefined when absent or blank */
export function textOf(params: URLSearchParams, name: string): string | undefined {
  const text = params.get(name)?.trim()
  return text === undefined || text === '' ? undefined : text
}

function limitOf(params: URLSearchParams): number | undefined {
  const text = textOf(params, 'limit')
  if (text === undefined) return undefined
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw wrong('limit', text, `a whole number from 1 to ${MAX_LIMIT}`)
}

function timeOf(params: URLSearchParams, name: string): bigint | undefined {
  const text = textOf(params, name)
  if (text === undefined) return undefined
  const time = parseTime(text, Date.now())
  if (time !== undefined) return time
  throw wrong(name, text, 'RFC 3339, nanoseconds since the epoch, or an age like 15m, 2h, 7d')
}

const AGE = /^(\d{1,6})(s|m|h|d)$/
const AGE_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** @returns nanoseconds since the epoch, or undefined for a text that is no time */
function parseTime(text: string, nowMillis: number): bigint | undefined {
  const age = AGE.exec(text)
  if (age === null) return timeOfValue(text)
  const seconds = Number(age[1]) * (AGE_SECONDS[age[2] ?? 's'] ?? 1)
  return BigInt(nowMillis - seconds * 1_000) * 1_000_000n
}

function wrong(name: string, value: string, rule: string): Unanswered {
  return new Unanswered(400, `${name} is "${value}", but must be ${rule}`)
}
