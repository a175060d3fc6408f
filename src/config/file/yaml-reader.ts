/**
 * The only code that knows the YAML parser. YAML 1.2, core schema, with anchors and `<<`. Nodes come out with the line they stand in.
 */
import {
  isAlias,
  isMap,
  isPair,
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

/** Both from 1. */
export interface YamlPosition {
  readonly line: number
  readonly column: number
}

export interface YamlNode {
  /** Of its key, where it has one. From 1. */
  readonly line: number
  /** Where the value itself begins, and the text of one that is quoted. */
  readonly at: YamlPosition
  /** Of an entry of a mapping. */
  readonly keyAt?: YamlPosition
  readonly value: YamlScalar | readonly YamlNode[] | ReadonlyMap<string, YamlNode>
  /** How a number is written. */
  readonly source?: string
  /** Something of the environment stands in it, which may be a secret. */
  readonly isReplaced?: boolean
}
export type YamlScalar = string | number | boolean | null

export interface YamlFault extends YamlPosition {
  readonly message: string
}

/** Far more than any configuration; anchors could make billions of few. */
const MAX_NODES = 20_000

/** @returns the nodes, or what is wrong in which line */
export function readYaml(text: string, env: Env): { readonly node: YamlNode } | { readonly wrong: YamlFault } {
  const { node, faults } = readNodes(text, (scalar) => {
    const replaced = substitute(scalar.value, env)
    if (replaced !== scalar.value && scalar.type === Scalar.PLAIN) readAsPlain(scalar, replaced)
    else scalar.value = replaced
  })
  const [wrong] = faults
  return wrong === undefined ? { node } : { wrong }
}

/**
 * One section of a file as rules are read: a reference stays a text, one to nothing is a fault, and all faults are told. Of the other
 * sections nothing is replaced.
 */
export function readYamlSection(
  section: string,
  text: string,
  env: Env,
): { readonly node: YamlNode; readonly faults: readonly YamlFault[] } {
  return readNodes(text, (scalar, of) => {
    if (of === section) scalar.value = substitute(scalar.value, env, 'told')
  })
}

type TextScalar = Scalar<string>
/** @param section  the key that it stands under, at the top of the file. @throws an error that says what is wrong */
type Replace = (scalar: TextScalar, section: string) => void

function readNodes(text: string, replace: Replace): { node: YamlNode; faults: YamlFault[] } {
  const lines = new LineCounter()
  const place = (offset = 0): YamlPosition => {
    const { line, col } = lines.linePos(offset)
    return { line: line || 1, column: col || 1 }
  }
  const faults: YamlFault[] = []
  let node: YamlNode = { line: 1, at: { line: 1, column: 1 }, value: null }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    })
    for (const { pos, message } of document.errors) faults.push({ ...place(pos[0]), message })
    if (faults.length > 0) return { node, faults }
    const replaced = replaceTexts(document, replace, (scalar, message) =>
      faults.push({ ...place(scalar.range?.[0]), message }),
    )
    node = new Reading(document, { place, replaced }).node(document.contents, { line: 1, column: 1 })
  } catch (error) {
    faults.push({ line: 1, column: 1, message: error instanceof Error ? error.message : String(error) })
  }
  return { node, faults }
}

/** @returns those in which something was replaced */
function replaceTexts(
  document: Document,
  replace: Replace,
  tell: (scalar: Scalar, message: string) => void,
): ReadonlySet<Scalar> {
  const replaced = new Set<Scalar>()
  visit(document, {
    Scalar(key, scalar, [, , top]) {
      if (key === 'key' || typeof scalar.value !== 'string' || !scalar.value.includes('$')) return
      try {
        const before = scalar.value
        replace(scalar as TextScalar, isPair(top) && isScalar(top.key) ? String(top.key.value) : '')
        if (scalar.value !== before) replaced.add(scalar)
      } catch (error) {
        tell(scalar, (error as Error).message)
      }
    },
  })
  return replaced
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

interface Around {
  readonly place: (offset?: number) => YamlPosition
  readonly replaced: ReadonlySet<Scalar>
}

class Reading {
  readonly #document: Document
  readonly #replaced: ReadonlySet<Scalar>
  readonly #place: (offset?: number) => YamlPosition
  #count = 0

  constructor(document: Document, { place, replaced }: Around) {
    this.#document = document
    this.#place = place
    this.#replaced = replaced
  }

  /** @param above  where that stands which holds it, for a node that stands nowhere */
  node(found: unknown, above: YamlPosition): YamlNode {
    if (++this.#count > MAX_NODES) throw new Error(`more than ${MAX_NODES} values`)
    if (isAlias(found)) return this.node(found.resolve(this.#document), above)
    if (!isMap(found) && !isSeq(found) && !isScalar(found)) return { line: above.line, at: above, value: null }
    const at = this.#placeOf(found, above)
    const { line } = at
    if (isMap(found)) return { line, at, value: this.#entries(found, at) }
    if (isSeq(found)) return { line, at, value: found.items.map((item) => this.node(item, at)) }
    const { value, source } = found
    const isReplaced = this.#replaced.has(found) && { isReplaced: true }
    if (typeof value === 'number') return { line, at, value, ...(source === undefined ? {} : { source }) }
    if (typeof value === 'string') {
      const column = at.column + (isQuoted(found) ? 1 : 0)
      return { line, at: { line, column }, value, ...isReplaced }
    }
    return { line, at, value: typeof value === 'boolean' ? value : null }
  }

  #entries(map: YAMLMap, above: YamlPosition): ReadonlyMap<string, YamlNode> {
    const own = new Map<string, YamlNode>()
    const merged = new Map<string, YamlNode>()
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : ''
      const keyAt = isScalar(key) ? this.#placeOf(key, above) : above
      if (name === '<<') for (const [inner, node] of this.#merged(value, above)) merged.set(inner, node)
      else own.set(name, { ...this.node(value, keyAt), line: keyAt.line, keyAt })
    }
    return new Map([...merged, ...own])
  }

  /** Of several maps the first one counts. */
  #merged(value: unknown, above: YamlPosition): readonly (readonly [string, YamlNode])[] {
    const { value: found } = this.node(value, above)
    if (found instanceof Map) return [...(found as ReadonlyMap<string, YamlNode>)]
    if (!Array.isArray(found)) return []
    return (found as readonly YamlNode[])
      .toReversed()
      .flatMap((one) => (one.value instanceof Map ? [...(one.value as ReadonlyMap<string, YamlNode>)] : []))
  }

  #placeOf({ range }: { range?: readonly number[] | null }, above: YamlPosition): YamlPosition {
    return range?.[0] === undefined ? above : this.#place(range[0])
  }
}

function isQuoted({ type }: Scalar): boolean {
  return type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE
}
