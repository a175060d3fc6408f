/**
 * The only code that knows the YAML parser. YAML 1.2, core schema, with anchors and `<<`. Nodes come out with the line they stand in.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parse,
  parseDocument,
  Scalar,
  visit,
  type Document,
  type YAMLMap,
} from 'yaml'

import type { Env } from '../env.ts'
import { substitute } from './substitution.ts'

export interface YamlNode {
  /** From 1. */
  readonly line: number
  readonly value: YamlScalar | readonly YamlNode[] | ReadonlyMap<string, YamlNode>
  /** How a number is written. */
  readonly source?: string
}
export type YamlScalar = string | number | boolean | null

interface YamlFault {
  readonly line: number
  readonly message: string
}

/** Far more than any configuration; anchors could make billions of few. */
const MAX_NODES = 20_000

/** @returns the nodes, or what is wrong in which line */
export function readYaml(text: string, env: Env): { readonly node: YamlNode } | { readonly wrong: YamlFault } {
  const lines = new LineCounter()
  const lineOf = (offset: number | undefined): number => lines.linePos(offset ?? 0).line || 1
  try {
    const document = parseDocument(text, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    })
    const [error] = document.errors
    if (error !== undefined) return { wrong: { line: lineOf(error.pos[0]), message: error.message } }
    const wrong = substituteIn(document, env, lineOf)
    return wrong === undefined ? { node: new Reading(document, lineOf).node(document.contents, 1) } : { wrong }
  } catch (error) {
    return { wrong: { line: 1, message: error instanceof Error ? error.message : String(error) } }
  }
}

function substituteIn(document: Document, env: Env, lineOf: (offset?: number) => number): YamlFault | undefined {
  let wrong: YamlFault | undefined
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return undefined
      try {
        const text = substitute(node.value, env)
        if (text !== node.value && node.type === Scalar.PLAIN) readAsPlain(node, text)
        else node.value = text
        return undefined
      } catch (error) {
        wrong = { line: lineOf(node.range?.[0]), message: (error as Error).message }
        return visit.BREAK
      }
    },
  })
  return wrong
}

/** A number, a boolean or nothing; all else, also what would be a mapping, stays the text. */
function readAsPlain(node: Scalar, text: string): void {
  node.value = text
  node.source = text
  try {
    const value: unknown = parse(text, { version: '1.2', logLevel: 'silent' })
    if (value === null || typeof value === 'number' || typeof value === 'boolean') node.value = value
  } catch {
    // A text that is no YAML is a text.
  }
}

class Reading {
  readonly #document: Document
  readonly #lineOf: (offset?: number) => number
  #count = 0

  constructor(document: Document, lineOf: (offset?: number) => number) {
    this.#document = document
    this.#lineOf = lineOf
  }

  /** @param above  the line of what holds it, for a node that stands nowhere */
  node(found: unknown, above: number): YamlNode {
    if (++this.#count > MAX_NODES) throw new Error(`more than ${MAX_NODES} values`)
    if (isAlias(found)) return this.node(found.resolve(this.#document), above)
    if (isMap(found)) return { line: this.#line(found, above), value: this.#entries(found) }
    if (isSeq(found)) {
      const line = this.#line(found, above)
      return { line, value: found.items.map((item) => this.node(item, line)) }
    }
    if (!isScalar(found)) return { line: above, value: null }
    const { value, source } = found
    const line = this.#line(found, above)
    if (typeof value === 'number') return { line, value, ...(source === undefined ? {} : { source }) }
    return { line, value: typeof value === 'string' || typeof value === 'boolean' ? value : null }
  }

  #entries(map: YAMLMap): ReadonlyMap<string, YamlNode> {
    const line = this.#line(map, 1)
    const own = new Map<string, YamlNode>()
    const merged = new Map<string, YamlNode>()
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : ''
      const keyLine = isScalar(key) ? this.#line(key, line) : line
      if (name === '<<') for (const [inner, node] of this.#merged(value, line)) merged.set(inner, node)
      else own.set(name, { ...this.node(value, keyLine), line: keyLine })
    }
    return new Map([...merged, ...own])
  }

  /** Of several maps the first one counts. */
  #merged(value: unknown, line: number): readonly (readonly [string, YamlNode])[] {
    const { value: found } = this.node(value, line)
    if (found instanceof Map) return [...(found as ReadonlyMap<string, YamlNode>)]
    if (!Array.isArray(found)) return []
    return (found as readonly YamlNode[])
      .toReversed()
      .flatMap((one) => (one.value instanceof Map ? [...(one.value as ReadonlyMap<string, YamlNode>)] : []))
  }

  #line(node: { range?: readonly number[] | null }, above: number): number {
    return node.range?.[0] === undefined ? above : this.#lineOf(node.range[0])
  }
}
