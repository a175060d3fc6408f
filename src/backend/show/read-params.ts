/**
 * Query parameters of the API as the query core wants them. Unreadable ones are an error that names parameter, value and rule.
 */
import { DEFAULT_LIMIT, isPageLimit, LIMIT_RULE, TIME_RULE, timeOfRequest } from '../../model/page-request.ts'
import type { PageRequest } from '../query/query.ts'
import { Unanswered } from './answer.ts'

/** `q`, `since`, `until`, `order`, `limit`, `cursor`. @throws Unanswered 400 */
export function readPageRequest(params: URLSearchParams, defaultLimit: number = DEFAULT_LIMIT): PageRequest {
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

/** `fields=list` or `fields=a,b`: the keys beside the head of each record. @returns undefined: whole records */
export function fieldsOf(params: URLSearchParams): readonly string[] | undefined {
  const text = textOf(params, 'fields')
  if (text === undefined) return undefined
  return text === 'list' ? [] : text.split(',').map((field) => field.trim())
}

/** A whole number from 0, or `lowest`, up to `highest`. @returns undefined when absent or blank. @throws Unanswered 400 */
export function countOf(params: URLSearchParams, name: string, highest: number, lowest = 0): number | undefined {
  const text = textOf(params, name)
  if (text === undefined) return undefined
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= lowest && count <= highest) return count
  throw wrong(name, text, `a whole number from ${lowest} to ${highest}`)
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
  if (/^\d+$/.test(text) && isPageLimit(limit)) return limit
  throw wrong('limit', text, LIMIT_RULE)
}

export function timeOf(params: URLSearchParams, name: string): bigint | undefined {
  const text = textOf(params, name)
  if (text === undefined) return undefined
  const time = timeOfRequest(text, Date.now())
  if (time !== undefined) return time
  throw wrong(name, text, TIME_RULE)
}

export function wrong(name: string, value: string, rule: string): Unanswered {
  return new Unanswered(400, `${name} is "${value}", but must be ${rule}`)
}
