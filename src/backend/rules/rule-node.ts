/**
 * One value of a file of rules with its place: what it must be is asked of it, and what it is instead is told. All of a file is told at
 * once, so nothing here throws.
 */
import type { AnyValue } from '../../model/any-value.ts'
import { nearest } from '../../model/nearest.ts'

export interface Position {
  /** Both from 1. */
  readonly line: number
  readonly column: number
}

/** As the YAML reader gives it. */
export interface PlacedValue {
  readonly at: Position
  readonly keyAt?: Position
  /** Something of the environment stands in it: it is never shown. */
  readonly isReplaced?: boolean
  readonly value: string | number | boolean | null | readonly PlacedValue[] | ReadonlyMap<string, PlacedValue>
}

export interface RuleProblem extends Position {
  readonly message: string
}

/** Of what a value is shown in a message. Characters. */
const MAX_SHOWN = 60

export class RuleNode {
  /** As people write it: `rules[2].do.file.path`. */
  readonly path: string
  readonly #node: PlacedValue
  readonly #problems: RuleProblem[]

  constructor(path: string, node: PlacedValue, problems: RuleProblem[]) {
    this.path = path
    this.#node = node
    this.#problems = problems
  }

  get at(): Position {
    return this.#node.at
  }

  get isMapping(): boolean {
    return this.#node.value instanceof Map
  }

  get isList(): boolean {
    return Array.isArray(this.#node.value)
  }

  /** *path* is *value*, but must be *rule*. */
  refuse(rule: string): undefined {
    const { value } = this.#node
    if (this.#node.isReplaced === true) return this.tell(`${this.path}, with what a variable holds, must be ${rule}`)
    const shown = this.isMapping ? 'a mapping' : this.isList ? 'a list' : JSON.stringify(value)
    const cut = shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown
    return this.tell(`${this.path} is ${value === null ? 'empty' : cut}, but must be ${rule}`)
  }

  tell(message: string, { line, column }: Position = this.#node.at): undefined {
    this.#problems.push({ line, column, message })
    return undefined
  }

  /** The entries of a mapping; keys beyond `known` are told. `undefined`: it is none, which is told. */
  mapping(known: readonly string[]): ReadonlyMap<string, RuleNode> | undefined {
    const entries = this.entries(`a mapping with ${known.join(', ')}`)
    for (const [key, node] of entries ?? []) {
      if (known.includes(key)) continue
      const meant = nearest(key, known)
      const hint = meant === undefined ? `must be one of ${known.join(', ')}` : `did you mean ${meant}?`
      node.tell(`${this.path} has the unknown key "${key.slice(0, MAX_SHOWN)}"; ${hint}`, node.#node.keyAt)
    }
    return entries
  }

  entries(rule: string): ReadonlyMap<string, RuleNode> | undefined {
    const { value } = this.#node
    if (!(value instanceof Map)) return this.refuse(rule)
    const named = [...(value as ReadonlyMap<string, PlacedValue>)].map(([key, node]): [string, RuleNode] => [
      key,
      new RuleNode(`${this.path}.${key}`, node, this.#problems),
    ])
    return new Map(named)
  }

  items(rule: string): readonly RuleNode[] | undefined {
    const { value } = this.#node
    if (!Array.isArray(value)) return this.refuse(rule)
    return (value as readonly PlacedValue[]).map(
      (node, index) => new RuleNode(`${this.path}[${index}]`, node, this.#problems),
    )
  }

  /** @param rule  what it must be, for the message */
  text(rule: string, isRight: (text: string) => boolean = (text) => text !== ''): string | undefined {
    const { value } = this.#node
    return typeof value === 'string' && isRight(value) ? value : this.refuse(rule)
  }

  choice<T extends string>(choices: readonly T[]): T | undefined {
    const found = choices.find((choice) => choice === this.#node.value)
    return found ?? this.refuse(`one of ${choices.join(', ')}`)
  }

  wholeNumber(min: number, max: number): number | undefined {
    const { value } = this.#node
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : this.refuse(`a whole number from ${min} to ${max}`)
  }

  boolean(): boolean | undefined {
    const { value } = this.#node
    return typeof value === 'boolean' ? value : this.refuse('true or false')
  }

  scalar(rule: string): string | number | boolean | undefined {
    const { value } = this.#node
    return typeof value === 'object' ? this.refuse(rule) : value
  }

  /** All of it, whatever it is. */
  anything(): AnyValue {
    return plain(this.#node)
  }
}

function plain({ value }: PlacedValue): AnyValue {
  if (Array.isArray(value)) return (value as readonly PlacedValue[]).map(plain)
  if (!(value instanceof Map)) return value as string | number | boolean | null
  return Object.fromEntries([...(value as ReadonlyMap<string, PlacedValue>)].map(([key, node]) => [key, plain(node)]))
}
