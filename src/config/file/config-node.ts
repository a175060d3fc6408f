/**
 * One value of a configuration file, with its place, and whether anybody has asked for it: what nobody has asked for is told.
 */
import type { Place } from './file-settings.ts'
import type { YamlNode, YamlScalar } from './yaml-reader.ts'

/** A value that is not what it must be. */
export class WrongNode extends Error {
  readonly place: Place
  readonly rule: string
  /** As the file has it; of mappings and lists what they are. */
  readonly shown: string

  constructor(node: ConfigNode, rule: string) {
    super(rule)
    this.place = node.place
    this.rule = rule
    // Where a list or a mapping should be, a text may be anything, a secret too.
    this.shown = node.isScalar && /^a (?:list|mapping)/.test(rule) ? 'one value' : node.shown
  }
}

export class ConfigNode {
  readonly place: Place
  readonly #value: YamlNode['value']
  readonly #source: string | undefined
  readonly #children = new Map<string, ConfigNode>()
  #isTaken = false

  constructor({ line, value, source }: YamlNode, { path, file }: Omit<Place, 'line'>) {
    this.place = { path, file, line }
    this.#value = value
    this.#source = source
    for (const [name, node] of namedNodes(value)) {
      const dot = name.startsWith('[') || path === '' ? '' : '.'
      this.#children.set(name, new ConfigNode(node, { path: `${path}${dot}${name}`, file }))
    }
  }

  get isNull(): boolean {
    return this.#value === null
  }

  get isScalar(): boolean {
    return this.isNull || typeof this.#value !== 'object'
  }

  get isMapping(): boolean {
    return this.#value instanceof Map
  }

  get isList(): boolean {
    return Array.isArray(this.#value)
  }

  get shown(): string {
    const value = this.#value
    if (value === null || typeof value !== 'object') return String(value)
    return this.isList ? 'a list' : 'a mapping'
  }

  /** Nothing below it is left out: it was read, or it was told as a whole. */
  take(): this {
    this.#isTaken = true
    return this
  }

  /** The value under a key; keys of things under development end in `/development` or not. `null` counts as absent. */
  child(name: string): ConfigNode | undefined {
    const found = this.#children.get(name) ?? this.#children.get(`${name}/development`)
    return found?.isNull === true ? undefined : found
  }

  /** The keys and values of a mapping, those with nothing behind included. @throws WrongNode */
  entries(): readonly (readonly [name: string, node: ConfigNode])[] {
    if (this.isNull) return []
    if (!(this.#value instanceof Map)) throw new WrongNode(this, 'a mapping')
    return [...this.#children].map(([name, node]) => [name.replace(/\/development$/, ''), node])
  }

  /** @throws WrongNode */
  items(): readonly ConfigNode[] {
    if (this.isNull) return []
    if (!Array.isArray(this.#value)) throw new WrongNode(this, 'a list')
    return [...this.#children.values()]
  }

  /** @throws WrongNode */
  scalar(): YamlScalar {
    this.#isTaken = true
    const value = this.#value
    if (typeof value === 'object' && value !== null) throw new WrongNode(this, 'one value')
    return value
  }

  /** As a variable would hold it; numbers as they are written. `undefined` for nothing. @throws WrongNode */
  text(): string | undefined {
    const value = this.scalar()
    return value === null ? undefined : typeof value === 'number' ? (this.#source ?? String(value)) : String(value)
  }

  /** What nobody has taken, from here down; each as high up as nothing else would be named with it. */
  untaken(): readonly ConfigNode[] {
    if (this.#isTaken || !this.#saysSomething) return []
    return this.#isTouched ? [...this.#children.values()].flatMap((child) => child.untaken()) : [this]
  }

  get #isTouched(): boolean {
    return this.#isTaken || [...this.#children.values()].some((child) => child.#isTouched)
  }

  get #saysSomething(): boolean {
    if (this.#children.size > 0) return [...this.#children.values()].some((child) => child.#saysSomething)
    return typeof this.#value !== 'object'
  }
}

function namedNodes(value: YamlNode['value']): (readonly [string, YamlNode])[] {
  if (Array.isArray(value)) return (value as readonly YamlNode[]).map((node, index) => [`[${index}]`, node])
  return value instanceof Map ? [...(value as ReadonlyMap<string, YamlNode>)] : []
}
