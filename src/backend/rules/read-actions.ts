/**
 * What a rule does, read: one action, or a list of them.
 */
import { resolve } from 'node:path'

import { setField } from '../../model/any-value.ts'
import { parseDuration } from '../../model/page-request.ts'
import { LEVEL_NAMES, parseLevel } from '../../model/severity.ts'
import type { ExecAction, FileAction, ForwardAction, Rule, RuleAction } from './rule.ts'
import type { RuleNode } from './rule-node.ts'

export interface ActionPlace {
  /** Of the file: paths in it are relative to this. Absolute. */
  readonly folder: string
  /** The file, as people write it. */
  readonly shown: string
  /** For the variables that a plugin asks for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** host:port of the backend itself, where it is known: nothing is forwarded there. */
  readonly ownHosts?: readonly string[]
}

interface ActionOptions extends ActionPlace {
  readonly of: Rule['of']
}

const WORDS = ['drop', 'keep']
const KINDS = ['redact', 'tag', 'level', 'file', 'forward', 'exec']
const RULE = `${WORDS.join(', ')}, or a mapping with one of ${KINDS.join(', ')}`
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** What is wrong is left out, and told. */
export function readActions(node: RuleNode, options: ActionOptions): readonly RuleAction[] {
  if (node.isList) {
    const items = node.items(RULE) ?? []
    if (items.length === 0) node.refuse(RULE)
    return items.flatMap((item) => readStep(item, options))
  }
  return readStep(node, options)
}

/** A mapping may have several: they are done in its order. */
function readStep(node: RuleNode, options: ActionOptions): readonly RuleAction[] {
  if (!node.isMapping) {
    const word = node.text(RULE, (text) => WORDS.includes(text))
    return word === undefined ? [] : [{ kind: word as 'drop' | 'keep' }]
  }
  const entries = [...(node.mapping(KINDS) ?? [])]
  if (entries.length === 0) node.refuse(RULE)
  // Others are told already.
  const known = entries.filter(([kind]) => KINDS.includes(kind))
  return known.flatMap(([kind, value]) => READERS[kind]?.(value, options) ?? [])
}

type ActionReader = (node: RuleNode, options: ActionOptions) => RuleAction | undefined

const READERS: Readonly<Record<string, ActionReader>> = {
  redact: readRedact,
  tag: readTag,
  level: readLevel,
  file: readFile,
  forward: readForward,
  exec: readExec,
}

function readRedact(node: RuleNode): RuleAction | undefined {
  const rule = 'a list of keys, or a mapping with keys and body'
  if (node.isList) return { kind: 'redact', keys: readKeys(node), isBodyHidden: false }
  if (!node.isMapping) return node.refuse(rule)
  const entries = node.mapping(['keys', 'body'])
  const keys = entries?.get('keys')
  const body = entries?.get('body')
  const isBodyHidden = body?.boolean() ?? body !== undefined
  if (keys === undefined && !isBodyHidden) return node.tell(`${node.path} hides nothing, but must have keys or body`)
  return { kind: 'redact', keys: keys === undefined ? [] : readKeys(keys), isBodyHidden }
}

function readKeys(node: RuleNode): readonly string[] {
  return (node.items('a list of keys') ?? []).flatMap((item) => item.text('an attribute key') ?? [])
}

function readTag(node: RuleNode): RuleAction | undefined {
  const attributes: Record<string, string | number | boolean> = {}
  for (const [key, value] of node.entries('a mapping of attributes') ?? []) {
    const scalar = value.scalar('a text, a number, true or false')
    if (scalar !== undefined) setField(attributes, key, scalar)
  }
  return { kind: 'tag', attributes }
}

function readLevel(node: RuleNode, { of }: ActionOptions): RuleAction | undefined {
  if (of === 'spans') return node.tell(`${node.path} is for spans, but must be for logs: spans have no level`)
  const rule = `one of ${LEVEL_NAMES.join(', ')}`
  const severity = parseLevel(node.text(rule, (text) => parseLevel(text) !== undefined) ?? '')
  return severity === undefined ? undefined : { kind: 'level', severity }
}

function readFile(node: RuleNode, { folder, of }: ActionOptions): FileAction | undefined {
  const entries = node.mapping(['path', 'format', 'max_bytes', 'max_files'])
  if (entries === undefined) return undefined
  const path = need(node, entries, 'path')?.text('the path of a file', (text) => text !== '' && !text.includes('\0'))
  const format = entries.get('format')?.choice(['flat', 'otlp']) ?? 'flat'
  if (of !== 'logs' && format === 'flat')
    node.tell(`${node.path} is for spans, and its format flat, but must be otlp: spans have no flat line`)
  const maxBytes = readSize(entries.get('max_bytes')) ?? 64 * 1024 ** 2
  const maxFiles = entries.get('max_files')?.wholeNumber(1, 1_000) ?? 5
  return path === undefined ? undefined : { kind: 'file', path: resolve(folder, path), format, maxBytes, maxFiles }
}

function readSize(node: RuleNode | undefined): number | undefined {
  const rule = 'a size as 64MiB, 512KiB or a number of bytes, at least 1024'
  const value = node?.scalar(rule)
  if (node === undefined || value === undefined) return undefined
  const [, digits = '', unit = 'B'] = /^(\d{1,12})\s?(KiB|MiB|GiB|B)?$/.exec(String(value)) ?? []
  const bytes = Number(digits) * (SIZE_UNITS[unit] ?? 1)
  return digits !== '' && bytes >= 1_024 && Number.isSafeInteger(bytes) ? bytes : node.refuse(rule)
}

function readForward(node: RuleNode, { ownHosts = [], of }: ActionOptions): ForwardAction | undefined {
  const entries = node.mapping(['endpoint', 'headers', 'compression'])
  if (entries === undefined) return undefined
  const endpoint = need(node, entries, 'endpoint')
  const url = endpoint?.text('a URL with http: or https:', isHttpUrl)
  const compression = entries.get('compression')?.choice(['none', 'gzip', 'zstd']) ?? 'gzip'
  const headers: Record<string, string> = {}
  for (const [name, value] of entries.get('headers')?.entries('a mapping of headers') ?? []) {
    const text = value.scalar('a text')
    if (text !== undefined && isHeader(name, String(text))) headers[name.toLowerCase()] = String(text)
    else if (text !== undefined) value.tell(`${value.path} cannot be sent, but must be a header's name and value`)
  }
  if (url === undefined) return undefined
  if (ownHosts.includes(hostOf(url)))
    return endpoint?.tell(
      `${endpoint.path} is this backend's own address, but must be another's: it would never end (${of})`,
    )
  return { kind: 'forward', endpoint: url, headers, compression }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === ''
}

/** With its port, `localhost` as an address. */
function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname === 'localhost' || hostname === '[::1]' ? '127.0.0.1' : hostname
  return `${host}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}

function isHeader(name: string, value: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

function readExec(node: RuleNode, { folder, shown, env }: ActionOptions): ExecAction | undefined {
  const entries = node.mapping(['module', 'options', 'env', 'batch', 'every', 'timeout'])
  if (entries === undefined) return undefined
  const module = need(node, entries, 'module')?.text('the path of an ES module')
  const options = entries.get('options')
  if (options !== undefined && !options.isMapping) options.refuse('a mapping')
  const batch = entries.get('batch')?.wholeNumber(1, 10_000) ?? 100
  const everyMillis = readDuration(entries.get('every'), 60_000) ?? 1_000
  const timeoutMillis = readDuration(entries.get('timeout'), 600_000) ?? 10_000
  const names = entries.get('env')?.items('a list of variables') ?? []
  const chosen = names.flatMap((item) => {
    const name = item.text('the name of a variable')
    if (name === undefined) return []
    const value = env[name]
    return value === undefined
      ? (item.tell(`${item.path} is "${name}", which is not set in the environment`) ?? [])
      : [[name, value]]
  })
  if (module === undefined) return undefined
  return {
    kind: 'exec',
    module: resolve(folder, module),
    options: (options?.anything() ?? {}) as ExecAction['options'],
    env: Object.fromEntries(chosen) as Record<string, string>,
    batch,
    everyMillis,
    timeoutMillis,
    place: `${shown}:${node.at.line}`,
  }
}

function readDuration(node: RuleNode | undefined, maxMillis: number): number | undefined {
  const rule = `a time as 500ms, 1s or 2m, at most ${maxMillis / 1_000}s`
  const value = node?.scalar(rule)
  if (node === undefined || value === undefined) return undefined
  const millis = parseDuration(String(value))
  return millis !== undefined && millis >= 1 && millis <= maxMillis ? millis : node.refuse(rule)
}

function need(node: RuleNode, entries: ReadonlyMap<string, RuleNode>, key: string): RuleNode | undefined {
  return entries.get(key) ?? node.tell(`${node.path} has no "${key}", but must have it`)
}
