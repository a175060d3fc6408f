/**
 * What is a logger called? The id under which a container (`winston.loggers`) holds it.
 *
 * Containers tell themselves when they are asked for a logger: an accessor in front of their `add`, which is gone again
 * before `add` runs.
 */
import { safely } from '../../../diag/guarded.ts'
import type { WinstonLogger } from './winston-types.ts'

export interface WinstonContainer {
  readonly loggers?: unknown
}
export interface WinstonContainerClass {
  readonly prototype: { add: unknown }
}

const CONTAINERS: unique symbol = Symbol.for('org.tracelog.winston.containers') as never
type Registry = { [CONTAINERS]?: Set<WeakRef<WinstonContainer>> }

/** Remembers a container: `winston.loggers`, or one of the application's own. */
export function rememberContainer(container: WinstonContainer): void {
  const known = ((globalThis as Registry)[CONTAINERS] ??= new Set())
  for (const ref of known) {
    const other = ref.deref()
    if (other === container) return
    if (other === undefined) known.delete(ref)
  }
  known.add(new WeakRef(container))
}

/** @returns takes the accessor away */
export function watchContainers(container: WinstonContainerClass): () => void {
  const { prototype } = container
  const { add } = prototype
  Object.defineProperty(prototype, 'add', {
    configurable: true,
    enumerable: false,
    get(this: WinstonContainer) {
      safely('winston containers', () => {
        if (Object.hasOwn(this, 'loggers')) rememberContainer(this)
      })
      return add
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'add', { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () =>
    Object.defineProperty(prototype, 'add', { value: add, configurable: true, enumerable: false, writable: true })
}

/** The id of a logger in any known container. */
export function nameOfLogger(logger: WinstonLogger): string | undefined {
  for (const ref of (globalThis as Registry)[CONTAINERS] ?? []) {
    const loggers = ref.deref()?.loggers
    if (!(loggers instanceof Map)) continue
    for (const [id, held] of loggers) if (held === logger && typeof id === 'string' && id !== '') return id
  }
  return undefined
}
