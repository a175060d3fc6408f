/**
 * Where the bridge touches pino: opened by the first line, or when pino is loaded.
 *
 * From 9.10 on pino tells of each line by a tracing channel, in bundles too. Before that, the method that makes a line is replaced on
 * pino's prototype: one frame of ours then stands in stacks that are made inside of a serializer or a `toJSON`.
 */
import { safely } from '../../../diag/guarded.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import type { LibraryHook } from '../../library-instrumentation.ts'
import type { LineArguments } from './line.ts'
import { watchLevels } from './off-levels.ts'
import { PinoBridge } from './pino-bridge.ts'
import { PINO_CHANNELS } from './pino-library.ts'
import type { PinoLogger } from './pino-types.ts'

/** What the channel carries. */
interface LineMessage {
  readonly instance: PinoLogger
  readonly arguments: LineArguments
  readonly result?: unknown
}

/** The module `pino`, as far as it is needed. */
type PinoModule = (options: object, stream: object) => PinoLogger

const hooked = new WeakSet()

export function createPinoHook({ records }: { readonly records: RecordEmitter }): LibraryHook {
  const bridge = new PinoBridge(records)
  const hook = (prototype: object, version: string) => hookPrototype(prototype, { bridge, records, version })
  return {
    channels: {
      [PINO_CHANNELS.start]: ({ instance, arguments: args }: LineMessage) => bridge.begin(instance, args),
      [PINO_CHANNELS.end]: ({ instance, result }: LineMessage) => bridge.end(instance, result),
    },
    onFile({ exports, version }) {
      if (typeof exports !== 'function') throw new Error('lib/proto.js gives no prototype')
      return hook(Object.getPrototypeOf((exports as () => object)()) as object, version)
    },
    attach(library) {
      const pino = moduleOf(library)
      if (pino === undefined) return () => {}
      // A logger that writes nothing, to find the prototype by.
      const logger = pino({ level: 'silent' }, { write: () => true })
      const prototype = prototypeOf(logger)
      return prototype === undefined ? () => {} : (hook(prototype, String(logger.version)) ?? (() => {}))
    },
  }
}

interface Hooking {
  readonly bridge: PinoBridge
  readonly records: RecordEmitter
  readonly version: string
}

/** @returns undoes it; `undefined`: it is hooked already */
function hookPrototype(prototype: object, { bridge, records, version }: Hooking): (() => void) | undefined {
  if (hooked.has(prototype)) return undefined
  hooked.add(prototype)
  const undo = [watchLevels(prototype, bridge, records)]
  if (!tellsOfLines(version)) undo.push(replaceAsJson(prototype, bridge))
  return () => {
    hooked.delete(prototype)
    for (const step of undo) step()
  }
}

type AsJson = (this: PinoLogger, ...args: LineArguments) => string

/** pino 8 to 9.9. */
function replaceAsJson(prototype: object, bridge: PinoBridge): () => void {
  const key = Object.getOwnPropertySymbols(prototype).find((one) => one.description === 'pino.asJson')
  const field = key === undefined ? undefined : Object.getOwnPropertyDescriptor(prototype, key)
  if (key === undefined || typeof field?.value !== 'function') throw new Error('its prototype has no asJson')
  const asJson = field.value as AsJson
  function replaced(this: PinoLogger, ...args: LineArguments): string {
    safely('pino', () => bridge.begin(this, args))
    let text: string | undefined
    try {
      return (text = Reflect.apply(asJson, this, args))
    } finally {
      safely('pino', () => bridge.end(this, text))
    }
  }
  Object.defineProperty(prototype, key, { ...field, value: replaced })
  return () => Object.defineProperty(prototype, key, field)
}

function tellsOfLines(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 9 || (major === 9 && minor >= 10)
}

/** What `require('pino')` gives, or `import * as pino from 'pino'`. */
function moduleOf(library: unknown): PinoModule | undefined {
  if (typeof library === 'function') return library as PinoModule
  const { default: inner, pino } = (library ?? {}) as { readonly default?: unknown; readonly pino?: unknown }
  return [pino, inner].find((one) => typeof one === 'function') as PinoModule | undefined
}

/** The object that all loggers of a copy inherit from. */
function prototypeOf(logger: object): object | undefined {
  for (let at: object | null = logger; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, 'setBindings')) return at
  }
  return undefined
}
