/**
 * Loggers whose lines do not arrive yet are named on stderr, once each, when they are used.
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

const SEARCHED = 'search what it prints with `node app.js | tracelog grep --follow TEXT`'
const UNHEARD: readonly UnheardLogger[] = [
  { name: 'log4js', title: 'log4js', watch: (onUse) => watchModule({ package: 'log4js', onLoad: onUse }) },
  { name: 'nestjs-core', title: "Nest's Logger", watch: watchNest },
]

/**
 * Begins to watch for them.
 *
 * @param isWanted  whether instrumentations of that name are switched on: who has switched one off knows
 * @returns ends it
 */
export function watchUnheardLoggers(isWanted: (name: string) => boolean): () => void {
  const stops = UNHEARD.filter(({ name }) => isWanted(name)).map(({ title, watch }) =>
    watch(
      () => void sayOnce(`unheard:${title}`, `${title} is loaded, but its lines are not captured yet: ${SEARCHED}`),
    ),
  )
  return () => {
    for (const stop of stops) stop()
  }
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
