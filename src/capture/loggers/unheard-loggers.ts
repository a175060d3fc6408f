/**
 * Loggers whose lines do not arrive are named on stderr, once each, when they are used, with what makes them arrive.
 *
 * The earliest sign that a line is written counts: Nest loads its Logger, whether or not it logs with it. A logger that cannot be told
 * to write is named when it is loaded.
 */
import { sayOnce } from '../../diag/events.ts'
import { guarded } from '../../diag/guarded.ts'
import { watchModule } from '../module-hooks.ts'

interface UnheardLogger {
  /** As in OTEL_NODE_DISABLED_INSTRUMENTATIONS. */
  readonly name: string
  readonly title: string
  /** @returns ends it */
  readonly watch: (onUse: () => void) => () => void
}

const UNHEARD: readonly UnheardLogger[] = [
  { name: 'log4js', title: 'log4js', watch: (onUse) => watchModule({ package: 'log4js', onLoad: onUse }) },
  { name: 'nestjs-core', title: "Nest's Logger", watch: watchNest },
]

/**
 * Begins to watch for them.
 *
 * @param isWanted  whether instrumentations of that name are switched on: who has switched one off knows
 * @param capturesStdio  TRACELOG_CAPTURE_STDIO is on
 * @returns ends it
 */
export function watchUnheardLoggers(isWanted: (name: string) => boolean, capturesStdio = false): () => void {
  // All of them print by process.stdout.write.
  const unheard = capturesStdio ? [] : UNHEARD.filter(({ name }) => isWanted(name))
  const stops = unheard.map(({ title, watch }) => watch(() => void sayOnce(`unheard:${title}`, textOf(title))))
  return () => {
    for (const stop of stops) stop()
  }
}

function textOf(title: string): string {
  return `${title} is loaded, but its lines are not captured: set TRACELOG_CAPTURE_STDIO=on to have what it prints`
}

/** Its ConsoleLogger writes to stdout by one method; an application that has put another logger there never reads it. */
function watchNest(onUse: () => void): () => void {
  return watchModule({
    package: '@nestjs/common',
    file: 'services/console-logger.service.js',
    onLoad: (exports) => {
      const { prototype } = (exports as { ConsoleLogger?: { prototype?: object } }).ConsoleLogger ?? {}
      const descriptor = prototype && Object.getOwnPropertyDescriptor(prototype, 'printMessages')
      if (prototype === undefined || descriptor?.configurable !== true) return
      const first = guarded("Nest's Logger", () => {
        Object.defineProperty(prototype, 'printMessages', descriptor)
        onUse()
      })
      Object.defineProperty(prototype, 'printMessages', {
        configurable: true,
        enumerable: false,
        get() {
          first.call(undefined)
          return descriptor.value as unknown
        },
        set(this: object, value: unknown) {
          Object.defineProperty(this, 'printMessages', { ...descriptor, value })
        },
      })
    },
  })
}
