/**
 * What a pino logger adds to each of its lines: read from the text that pino keeps of it, once per text.
 *
 * The text is what pino prints, after serializers and redaction. `pid`, `hostname` and the logger's name are its envelope where the
 * root logger has them; what a child was given is the application's, and stays.
 */
import { type AnyValue, setField } from '../../../model/any-value.ts'
import type { InstrumentationScope } from '../../../model/log-record.ts'
import { createLoggerScopes } from '../logger-scopes.ts'
import { fieldsInText } from './bindings-text.ts'

export interface Bindings {
  readonly fields: Readonly<Record<string, AnyValue>>
  readonly isEmpty: boolean
  readonly scope: InstrumentationScope
  /** The application has put the trace there itself. */
  readonly hasTrace: boolean
}

/** With what it was read from. */
interface KeptBindings extends Bindings {
  readonly text: string
  readonly rootText: string
}

/** What all children of a root logger have from it. */
interface RootBindings {
  readonly fields: Readonly<Record<string, AnyValue>>
  readonly isEmpty: boolean
  readonly name: string | undefined
}

/** Children that write in turns: few live long, and those made for a request write once. Compared one by one, which hashes no text. */
const MAX_KEPT = 8
/** Root loggers are made by programs, and few; a bound all the same. */
const MAX_ROOTS = 100

const ENVELOPE = new Set(['pid', 'hostname', 'name'])

export class PinoBindings {
  readonly #kept: KeptBindings[] = []
  readonly #roots = new Map<string, RootBindings>()
  #next = 0
  readonly #scopeOf: (name: string) => InstrumentationScope
  #last: KeptBindings | undefined

  /** @param version  of the copy of pino whose loggers these are */
  constructor(version: string) {
    this.#scopeOf = createLoggerScopes(() => version)
  }

  /**
   * @param text  `,"pid":1,"hostname":"h","name":"orders","tenant":"a"`
   * @param rootText  the beginning of it that the root logger has
   */
  of(text: string, rootText: string): Bindings {
    const last = this.#last
    if (last !== undefined && isOf(last, text, rootText)) return last
    for (const kept of this.#kept) if (isOf(kept, text, rootText)) return (this.#last = kept)
    return (this.#last = this.#read(text, rootText))
  }

  #read(text: string, rootText: string): KeptBindings {
    const root = this.#rootOf(rootText)
    const given = fieldsInText(text.startsWith(rootText) ? text.slice(rootText.length) : text)
    const fields = root.isEmpty ? given : joined(root.fields, given)
    const bindings = {
      text,
      rootText,
      fields,
      isEmpty: Object.keys(fields).length === 0,
      scope: this.#scopeOf(textOf(given['name']) ?? root.name ?? 'pino'),
      hasTrace: 'trace_id' in fields,
    }
    this.#kept[this.#next] = bindings
    this.#next = (this.#next + 1) % MAX_KEPT
    return bindings
  }

  #rootOf(text: string): RootBindings {
    let root = this.#roots.get(text)
    if (root === undefined) {
      const fields: Record<string, AnyValue> = {}
      const given = fieldsInText(text)
      for (const [key, value] of Object.entries(given)) if (!ENVELOPE.has(key)) setField(fields, key, value)
      root = { fields, isEmpty: Object.keys(fields).length === 0, name: textOf(given['name']) }
      if (this.#roots.size >= MAX_ROOTS) this.#roots.clear()
      this.#roots.set(text, root)
    }
    return root
  }
}

/** The same text may be one logger's own and another's child's. */
function isOf(kept: KeptBindings, text: string, rootText: string): boolean {
  return kept.text === text && kept.rootText === rootText
}

function joined(
  fields: Readonly<Record<string, AnyValue>>,
  given: Readonly<Record<string, AnyValue>>,
): Record<string, AnyValue> {
  const all: Record<string, AnyValue> = { ...fields }
  for (const [key, value] of Object.entries(given)) setField(all, key, value)
  return all
}

function textOf(value: AnyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
