/**
 * What a pino logger adds to each of its lines: read from the text that pino keeps of it, once per text.
 *
 * The text is what pino prints, after serializers and redaction. `pid`, `hostname` and the logger's name are its envelope where the
 * root logger has them; what a child was given is the application's, and stays.
 */
import { type AnyValue, setField } from '../../../model/any-value.ts'
import type { InstrumentationScope } from '../../../model/log-record.ts'
import { createLoggerScopes } from '../logger-scopes.ts'

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

/** Texts may be made per request; beyond this many they are read anew. */
const MAX_KEPT = 1000
/** Longer ones are somebody's data: not kept. Characters. */
const MAX_KEPT_LENGTH = 2048

const ENVELOPE = new Set(['pid', 'hostname', 'name'])

export class PinoBindings {
  readonly #kept = new Map<string, KeptBindings>()
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
    if (last !== undefined && last.text === text && last.rootText === rootText) return last
    const kept = this.#kept.get(text)
    // The same text may be one logger's own and another's child's.
    return (this.#last = kept?.rootText === rootText ? kept : this.#read(text, rootText))
  }

  #read(text: string, rootText: string): KeptBindings {
    const own = text.startsWith(rootText) ? text.slice(rootText.length) : text
    const root = parsed(rootText)
    const given = parsed(own)
    const fields: Record<string, AnyValue> = {}
    for (const [key, value] of Object.entries(root)) if (!ENVELOPE.has(key)) setField(fields, key, value)
    for (const [key, value] of Object.entries(given)) setField(fields, key, value)
    const name = textOf(given['name']) ?? textOf(root['name'])
    const bindings = {
      text,
      rootText,
      fields,
      isEmpty: Object.keys(fields).length === 0,
      scope: this.#scopeOf(name ?? 'pino'),
      hasTrace: 'trace_id' in fields,
    }
    if (text.length <= MAX_KEPT_LENGTH) {
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
      this.#kept.set(text, bindings)
    }
    return bindings
  }
}

function parsed(text: string): Record<string, AnyValue> {
  try {
    return JSON.parse(`{${text.slice(1)}}`) as Record<string, AnyValue>
  } catch {
    return {}
  }
}

function textOf(value: AnyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
