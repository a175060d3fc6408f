/**
 * The trace's ids in lines that a transport formats itself.
 *
 * Such a transport gets its format extended, by logform's own `combine`, with a step before and one after: both are done
 * before the next one runs, so that none of our frames is on the stack while the application's format or transport works.
 */
import type { SpanContext } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { beginWriting } from '../printed-lines.ts'
import { addLineKeys, tailOfSpan } from './line-keys.ts'
import {
  isWritingNow,
  MESSAGE,
  type WinstonFormat,
  type WinstonInfo,
  type WinstonTransport,
  type ShowView,
} from './winston-types.ts'

/** What is known of an info that transports are being given. */
export interface InfoTrace {
  readonly span: SpanContext | undefined
  /** The finished line as the logger's format left it: what the transport's format is to see. */
  readonly line: unknown
  /** Is shown what each transport's format has made of the info. */
  readonly show: ShowView | undefined
}

/** logform's `combine`: one format out of several, run in order. */
export type Combine = (...formats: WinstonFormat[]) => WinstonFormat

export interface TransportFormats {
  /** Extends the format of a transport; harmless when done already. */
  extend(transport: WinstonTransport): void
  /** The application's own format of a transport. */
  formatOf(transport: WinstonTransport): WinstonFormat | undefined
  /** Gives all transports their own format back. */
  restore(): void
}

/** On infos that a transport keeps until later: their trace. Object.assign copies it, no format looks for it. */
export const TRACE: unique symbol = Symbol.for('org.tracelog.winston.trace') as never
const EXTENDED: unique symbol = Symbol.for('org.tracelog.winston.format') as never

type Traced = WinstonInfo & { [TRACE]?: InfoTrace }
interface Extension {
  own: WinstonFormat | undefined
  extended: WinstonFormat | undefined
}
type Extendable = WinstonTransport & { [EXTENDED]?: Extension }

/**
 * @param current  the info that is being handed to transports right now
 * @param combineOf  undefined while logform has not been seen
 */
export function createTransportFormats(
  current: (transport: WinstonTransport | undefined) => InfoTrace | undefined,
  combineOf: () => Combine | undefined,
): TransportFormats {
  const extended = new Set<WeakRef<Extendable>>()

  return {
    extend(transport: Extendable) {
      if (transport[EXTENDED] !== undefined) return
      const extension: Extension = { own: transport.format, extended: undefined }
      Object.defineProperty(transport, EXTENDED, { value: extension, configurable: true })
      Object.defineProperty(transport, 'format', {
        configurable: true,
        enumerable: true,
        get() {
          const { own } = extension
          if (typeof own?.transform !== 'function') return own
          extension.extended ??= safely('winston formats', () =>
            extendFormat(transport, own, { current: () => current(transport), combine: combineOf() ?? combineHere }),
          )
          return extension.extended ?? own
        },
        set(value: WinstonFormat | undefined) {
          extension.own = value
          extension.extended = undefined
        },
      })
      if (extended.size > MAX_REFERENCES) prune(extended)
      extended.add(new WeakRef(transport))
    },
    formatOf: (transport: Extendable) => (transport[EXTENDED] ?? { own: transport.format }).own,
    restore() {
      for (const ref of extended) restoreFormat(ref.deref())
      extended.clear()
    },
  }
}

interface Extending {
  readonly current: () => InfoTrace | undefined
  readonly combine: Combine
}

/** The application's format between our two steps. */
function extendFormat(transport: WinstonTransport, own: WinstonFormat, { current, combine }: Extending): WinstonFormat {
  const traces = new WeakMap<object, InfoTrace>()
  /** Of the info whose format runs: a format may hand on another object. */
  let running: InfoTrace | undefined
  let isJson = false
  const printer = { isPrinting: () => isWritingNow(transport) }
  const before: WinstonFormat = {
    transform(info) {
      const traced = info as Traced
      const trace = traced[TRACE] ?? current()
      running = trace
      if (trace === undefined) return info
      delete traced[TRACE]
      // Another transport's line may have been extended already: the format sees the logger's own.
      if (traced[MESSAGE] !== trace.line) traced[MESSAGE] = trace.line
      traces.set(info, trace)
      return info
    },
  }
  const after: WinstonFormat = {
    transform(info) {
      const formatted = info as WinstonInfo
      const trace = traces.get(info) ?? running
      const span = trace?.span
      trace?.show?.(transport, formatted)
      const line = formatted[MESSAGE]
      const added =
        span === undefined || typeof line !== 'string' ? undefined : addLineKeys(line, tailOfSpan(span), isJson)
      if (added !== undefined) {
        isJson = true
        formatted[MESSAGE] = added
      }
      beginWriting(printer, formatted['message'], formatted[MESSAGE])
      return info
    },
  }
  const format = combine(before, own, after)
  format.options = own.options
  return format
}

/** Transports come and go in some applications; their references must not add up. */
const MAX_REFERENCES = 1000

function prune(references: Set<WeakRef<Extendable>>): void {
  for (const ref of references) if (ref.deref() === undefined) references.delete(ref)
}

function restoreFormat(transport: Extendable | undefined): void {
  const extension = transport?.[EXTENDED]
  if (transport === undefined || extension === undefined) return
  Object.defineProperty(transport, 'format', {
    value: extension.own,
    configurable: true,
    enumerable: true,
    writable: true,
  })
  delete transport[EXTENDED]
}

/** Where logform cannot be found (a bundle without winston.format): the same, from here. */
function combineHere(...formats: WinstonFormat[]): WinstonFormat {
  return {
    transform(info) {
      let result: object = info
      for (const format of formats) {
        const next = format.transform(result, format.options)
        if (typeof next !== 'object' || next === null) return false
        result = next
      }
      return result
    },
  }
}
