/**
 * The arguments of a call -> checked values; and the JSON Schema that a client is shown of them.
 *
 * A name that there is not is an error with the nearest one: an agent that invents one would read the answer as if it had counted.
 */
import { nearest } from '../model/nearest.ts'
import { parseQueryText } from '../query-text/parse.ts'
import { TIME_RULE, timeOfRequest } from '../model/page-request.ts'
import { DEFAULT_BUDGET, MAX_BUDGET, MIN_BUDGET } from './budget.ts'
import { QuestionError } from './question-error.ts'

export interface ArgumentSpec {
  readonly type: 'string' | 'integer'
  readonly help?: string
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly isRequired?: boolean
}

/** Of a tool that answers of a time. */
export const TIME_ARGUMENTS: Readonly<Record<string, ArgumentSpec>> = {
  q: { type: 'string', help: 'query' },
  since: { type: 'string', help: '15m (default), 2h, 7d or RFC 3339' },
  until: { type: 'string' },
  run: { type: 'string', help: 'last, prev or an id: of that run alone' },
}

/** Of a run, however long ago it was. */
const SINCE_OF_RUN = '30d'

/** Of every tool. */
const COMMON_ARGUMENTS: Readonly<Record<string, ArgumentSpec>> = {
  budget: { type: 'integer', min: MIN_BUDGET, max: MAX_BUDGET, help: 'tokens' },
  format: { type: 'string', choices: ['text', 'json'] },
}

/** Reads arguments by name. */
export interface Arguments {
  text(name: string): string | undefined
  integer(name: string): number | undefined
}

export function schemaOf(specs: Readonly<Record<string, ArgumentSpec>>): unknown {
  const all = { ...specs, ...COMMON_ARGUMENTS }
  const required = Object.entries(all).flatMap(([name, { isRequired }]) => (isRequired === true ? [name] : []))
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(all).map(([name, spec]) => [name, propertyOf(spec)])),
    ...(required.length === 0 ? {} : { required }),
  }
}

function propertyOf({ type, help, choices, min, max }: ArgumentSpec): unknown {
  return {
    type,
    ...(choices === undefined ? {} : { enum: choices }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(help === undefined ? {} : { description: help }),
  }
}

/** @throws QuestionError that names the argument, its value and the rule */
export function readArguments(
  specs: Readonly<Record<string, ArgumentSpec>>,
  given: Readonly<Record<string, unknown>>,
): Arguments {
  const all: Readonly<Record<string, ArgumentSpec>> = { ...specs, ...COMMON_ARGUMENTS }
  const values = new Map<string, string | number>()
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue
    const spec = Object.hasOwn(all, name) ? all[name] : undefined
    if (spec === undefined) throw new QuestionError(unknownText(name, Object.keys(all)))
    values.set(name, valueOf(name, spec, value))
  }
  for (const [name, { isRequired }] of Object.entries(all)) {
    if (isRequired === true && !values.has(name)) throw new QuestionError(`${name} is missing, but must be given`)
  }
  checkTimes(values)
  takeRun(values)
  const query = values.get('q')
  if (typeof query === 'string') parseQueryText(query)
  return {
    text: (name) => (typeof values.get(name) === 'string' ? (values.get(name) as string) : undefined),
    integer: (name) => (typeof values.get(name) === 'number' ? (values.get(name) as number) : undefined),
  }
}

function unknownText(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `there is no argument ${JSON.stringify(name.slice(0, 60))}, but ${known.join(', ')}.${hint}`
}

function valueOf(name: string, { type, choices, min, max }: ArgumentSpec, value: unknown): string | number {
  if (type === 'string') {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string') throw wrong(name, value, 'a text')
    if (choices !== undefined && !choices.includes(text)) throw wrong(name, value, `one of ${choices.join(', ')}`)
    return text
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= (min ?? 0) && number <= (max ?? number))
    return number
  throw wrong(name, value, `a whole number from ${min ?? 0}${max === undefined ? '' : ` to ${max}`}`)
}

/** A run is a term of the query; it may have begun before the time that is looked at by default. */
function takeRun(values: Map<string, string | number>): void {
  const run = values.get('run')
  if (typeof run !== 'string') return
  const query = values.get('q')
  const term = `run:${/^\w+$/.test(run) ? run : `"${run.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`}`
  values.set('q', typeof query === 'string' && query.trim() !== '' ? `(${query}) ${term}` : term)
  if (!values.has('since')) values.set('since', SINCE_OF_RUN)
}

function checkTimes(values: ReadonlyMap<string, string | number>): void {
  for (const name of ['since', 'until']) {
    const text = values.get(name)
    if (typeof text === 'string' && timeOfRequest(text, 0) === undefined) throw wrong(name, text, TIME_RULE)
  }
}

function wrong(name: string, value: unknown, rule: string): QuestionError {
  return new QuestionError(`${name} is ${(JSON.stringify(value) ?? '').slice(0, 60)}, but must be ${rule}`)
}

export function budgetOf(given: Arguments, defaultBudget: number = DEFAULT_BUDGET): number {
  return given.integer('budget') ?? defaultBudget
}
