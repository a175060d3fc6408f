/**
 * Nothing of ours throws into the application: every listener, subscriber and accessor in the application's half goes through
 * diag/guarded.ts. Found in the sources, so that a new one that is bare is seen.
 */
import { readdirSync, readFileSync } from 'node:fs'

import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

const SOURCE = new URL('../src/', import.meta.url).pathname
const FOLDERS = ['app', 'capture', 'context', 'diag', 'export', 'process', 'record', 'tasks']

/** Bare on purpose: `file: how it is called`. */
const ALLOWED: Readonly<Record<string, string>> = {
  'capture/cache/ioredis-queue.ts: accessor': "calls the application's own reject: what that throws is not ours",
  'capture/loggers/winston/silent-accessor.ts: accessor': 'asks what hook-logger.ts has guarded',
  'export/worker/main.ts: port.on': 'the export worker: what it throws ends it, and it is started anew',
  'export/worker/main.ts: process.once': 'the export worker: its own process object',
}

const LISTENERS: ReadonlySet<string> = new Set([
  'on',
  'once',
  'addListener',
  'addEventListener',
  'bindStore',
  'prependListener',
  'prependOnceListener',
  'subscribe',
])
/** What an accessor may call by itself: none of it runs code of ours that could fail. */
const HARMLESS_CALLS = /^(?:Object\.(?:defineProperty|hasOwn)|Reflect\.\w+|emitterState)$/

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Every bare seam of a file, as `how it is called` and its line. */
function bareSeams(source: string): string[] {
  const { program, errors } = parseSync('source.ts', source)
  if (errors.length > 0) throw new Error(errors[0]?.message)
  const root = program as unknown as Node
  const textOf = (node: Node) => source.slice(node.start, node.end)
  const found: string[] = []
  const report = (node: Node, name: string) =>
    found.push(`${name} (line ${source.slice(0, node.start).split('\n').length})`)
  for (const node of nodesIn(root)) {
    if (node.type !== 'CallExpression') continue
    const callee = node['callee'] as Node
    const method = callee.type === 'MemberExpression' ? textOf(callee['property'] as Node) : ''
    const args = node['arguments'] as Node[]
    const listener = args.at(-1)
    if (LISTENERS.has(method) && listener !== undefined && !isGuarded(listener, root, textOf)) {
      report(node, textOf(callee).replace(/\(.*\)/, '()'))
    }
    if (method !== 'defineProperty') continue
    for (const accessor of accessorsOf(args.at(-1), root, textOf)) {
      if (bareCalls(accessor, root, textOf).length > 0) report(accessor, 'accessor')
    }
  }
  return found
}

/** A call of `guarded`, a name or a list that is made of such calls, or a function that is nothing but `safely`. */
function isGuarded(listener: Node, root: Node, textOf: (node: Node) => string): boolean {
  if (listener.type === 'TSAsExpression') return isGuarded(listener['expression'] as Node, root, textOf)
  if (listener.type === 'ObjectExpression') {
    const properties = listener['properties'] as Node[]
    return properties.every(({ value }) => isGuarded(value as Node, root, textOf))
  }
  if (listener.type !== 'Identifier')
    return /^(?:\{.*)?(?:\(.*\) => )?(?:guarded|guardedQuestion|safely)\(/s.test(textOf(listener))
  return isGuardedName(textOf(listener), root, textOf)
}

function isGuardedName(name: string, root: Node, textOf: (node: Node) => string): boolean {
  return [...nodesIn(root)].some((node) => {
    if (node.type === 'ForOfStatement') {
      const left = textOf(node['left'] as Node)
      return new RegExp(`\\b${name}\\b`).test(left) && isGuarded(node['right'] as Node, root, textOf)
    }
    if (node.type !== 'VariableDeclarator' || textOf(node['id'] as Node).split(':')[0] !== name) return false
    return node['init'] !== null && /\bguarded(?:Question)?\(/.test(textOf(node['init'] as Node))
  })
}

/** Those of a descriptor, which may be a constant of the file, as may be its functions. */
function accessorsOf(given: Node | undefined, root: Node, textOf: (node: Node) => string): Node[] {
  const named = (name: string) =>
    [...nodesIn(root)].find(
      ({ type, id }) =>
        (type === 'VariableDeclarator' || type === 'FunctionDeclaration') &&
        id !== null &&
        textOf(id as Node).split(':')[0] === name,
    )
  const descriptor = given?.type === 'Identifier' ? (named(textOf(given))?.['init'] as Node | undefined) : given
  if (descriptor?.type !== 'ObjectExpression') return []
  return (descriptor['properties'] as Node[])
    .filter(({ type, key }) => type === 'Property' && ['get', 'set'].includes((key as { name?: string }).name ?? ''))
    .map((property) => property['value'] as Node)
    .map((value) => (value.type === 'Identifier' ? (named(textOf(value)) ?? value) : value))
}

/** Calls in a function that are not inside of `safely`; what functions of the same file call counts as called here. */
function bareCalls(body: Node, root: Node, textOf: (node: Node) => string): string[] {
  const calls: string[] = []
  const declared = (name: string) =>
    [...nodesIn(root)].find(
      ({ type, id }) => type === 'FunctionDeclaration' && (id as { name?: string })?.name === name,
    )
  const visit = (node: Node) => {
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const name = textOf(node['callee'] as Node)
      if (name === 'safely' || name === 'guarded' || name === 'guardedQuestion') return
      const helper = declared(name)
      if (helper !== undefined && helper !== body) calls.push(...bareCalls(helper, root, textOf))
      else if (!HARMLESS_CALLS.test(name) && !isGuardedName(name.replace(/\.call$/, ''), root, textOf)) calls.push(name)
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(body)
  return calls
}

function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* nodesIn(child)
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((child): child is Node => typeof child === 'object' && child !== null && 'type' in child)
}

describe('every listener and accessor is guarded in', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.startsWith(`${folder}/`) && /\.c?ts$/.test(file),
    ),
  )
  test.each(files)('%s', (file) => {
    const bare = bareSeams(readFileSync(SOURCE + file, 'utf8'))
    expect(bare.filter((seam) => !(`${file}: ${seam.replace(/ \(line.*/, '')}` in ALLOWED))).toEqual([])
  })
})

test.each([
  "process.on('exit', () => work())",
  "emitter.once('close', onClose)",
  'channel(name).subscribe(handler)',
  "Object.defineProperty(prototype, 'x', { get() { return work(this) } })",
  "Object.defineProperty(prototype, 'x', { set: (value) => { work(value) } })",
  "const x = { get: read }; function read() { return work(this) }; Object.defineProperty(prototype, 'x', x)",
])('a bare one is found: %s', (source) => {
  expect(bareSeams(source)).toHaveLength(1)
})

test.each([
  "process.on('exit', guarded('exit', () => work()))",
  "const onClose = guarded('close', work); emitter.once('close', onClose)",
  'const all = names.map((name) => [name, guarded(name, f)]); for (const [name, one] of all) channel(name).subscribe(one)',
  "const ask = guardedQuestion('x', work); Object.defineProperty(prototype, 'x', { get() { return ask(this) ?? plain } })",
  "Object.defineProperty(prototype, 'x', { get() { return safely('x', () => work(this)) ?? plain } })",
  "Object.defineProperty(prototype, 'x', { set(value) { Object.defineProperty(this, 'x', { value }) } })",
])('a guarded one is none: %s', (source) => {
  expect(bareSeams(source)).toEqual([])
})
