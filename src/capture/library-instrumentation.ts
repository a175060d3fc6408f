/**
 * A library's hook whose code is compiled when the application first uses the library: here are its name, its files and its channels.
 *
 * `open` is a function of a door (.ci/build.mjs): calling it compiles the chunk. It is called when the first of the files has run, or the
 * first of the channels is published to; until then the library costs its watches. A library that a bundler has folded in is heard by
 * its channels alone.
 *
 *   libraryInstrumentation({
 *     name: 'express',
 *     files: [{ package: 'router', file: 'lib/layer.js' }],
 *     open: createExpressHook,                          // from a file that .ci/build.mjs names as a door
 *   })
 */
import { channel } from 'node:diagnostics_channel'

import { sayOnce } from '../diag/events.ts'
import { guarded } from '../diag/guarded.ts'
import type { ChannelListeners } from './hop/channel-subscriptions.ts'
import type { Instrumentation, InstrumentationStatus } from './instrumentation.ts'
import type { LoadedModule } from './loaded-modules.ts'
import { watchModule } from './module-hooks.ts'
import { packageVersionOf, type PackageFile } from './package-files.ts'

export interface Library<F extends PackageFile = PackageFile> {
  /** The instrumentation's, as in OTEL_NODE_ENABLED_INSTRUMENTATIONS. */
  readonly name: string
  /** Default: none, its channels tell all. */
  readonly files?: readonly F[]
  /** Whole names: `tracing:pino_asJson:start`. Default: none. */
  readonly channels?: readonly string[]
  /** Called once, when the library is first used; what it throws is said, and nothing of the library is captured. */
  readonly open: () => LibraryHook<F>
}

/** A file of the library that has run; nobody has its exports yet. */
export interface LibraryFile<F extends PackageFile = PackageFile> {
  /** Which of `files`, the very object: it may carry more than a path. */
  readonly file: F
  readonly exports: unknown
  readonly path: string
  readonly module: LoadedModule
  /** Of the package that the file lies in; empty when it cannot be read. */
  readonly version: string
}

/** What the library's chunk does. */
export interface LibraryHook<F extends PackageFile = PackageFile> extends Pick<
  Instrumentation,
  'attach' | 'settle' | 'write'
> {
  /**
   * Called for each copy of each of the files.
   *
   * @returns undoes it; `undefined`: there was nothing to hook
   * @throws when the file is not as it should be: said once, the status is `failed`
   */
  readonly onFile?: (file: LibraryFile<F>) => (() => void) | undefined
  /** One listener for each of `channels`. Need not be guarded. */
  readonly channels?: ChannelListeners
}

export function libraryInstrumentation<F extends PackageFile>(library: Library<F>): Instrumentation {
  return new LibraryInstrumentation(library)
}

type Undo = () => void

class LibraryInstrumentation<F extends PackageFile> implements Instrumentation {
  readonly name: string
  readonly #library: Library<F>
  #hook: LibraryHook<F> | undefined
  #status: InstrumentationStatus = 'off'
  #undo: Undo[] = []
  #isListening = false

  constructor(library: Library<F>) {
    this.name = library.name
    this.#library = library
  }

  enable(): void {
    if (this.#status !== 'off') return
    this.#status = 'waiting'
    const { files = [] } = this.#library
    this.#undo.push(this.#listenToAll())
    // One by one: a file that is loaded already is hooked at once, and so undone before its watch is.
    for (const file of files) this.#undo.push(this.#watch(file))
  }

  disable(): void {
    for (const step of this.#undo.toReversed()) step()
    this.#undo = []
    this.#status = 'off'
  }

  status(): InstrumentationStatus {
    return this.#status
  }

  attach(copy: unknown): Undo {
    const detach = this.#opened().attach?.(copy)
    if (detach === undefined) return () => {}
    // Its channels tell of it also where the copies that are found are not wanted.
    const unlisten = this.#listenToAll()
    const step = () => {
      detach()
      unlisten()
    }
    this.#attached(step)
    return () => {
      if (this.#undo.includes(step)) step()
      this.#undo = this.#undo.filter((each) => each !== step)
    }
  }

  settle(): void {
    this.#hook?.settle?.()
  }

  write(transport: object, record: object): void {
    this.#opened().write?.(transport, record)
  }

  #opened(): LibraryHook<F> {
    return (this.#hook ??= this.#library.open())
  }

  #watch(file: F): Undo {
    const onLoad = (exports: unknown, path: string, module: LoadedModule) => {
      const version = packageVersionOf(path, file.package)
      try {
        const step = this.#opened().onFile?.({ file, exports, path, module, version })
        if (step !== undefined) this.#attached(step)
      } catch (error) {
        this.#fail(error, version)
      }
    }
    return watchModule({ ...file, onLoad })
  }

  /** Once, whoever asks. */
  #listenToAll(): Undo {
    if (this.#isListening) return () => {}
    this.#isListening = true
    const undo = (this.#library.channels ?? []).map((name) => this.#listen(name))
    return () => {
      for (const step of undo) step()
      this.#isListening = false
    }
  }

  #listen(name: string): Undo {
    let listener: ((message: never) => void) | undefined
    // One subscriber for good: Node 22 skips others when subscribers change while it publishes.
    const subscriber = guarded(name, (message: never) => {
      listener ??= this.#listenerOf(name)
      listener(message)
    })
    channel(name).subscribe(subscriber)
    return () => channel(name).unsubscribe(subscriber)
  }

  #listenerOf(name: string): (message: never) => void {
    try {
      const listener = this.#opened().channels?.[name]
      if (listener !== undefined && this.#status === 'waiting') this.#status = 'active'
      if (listener !== undefined) return listener
    } catch (error) {
      this.#fail(error)
    }
    return () => {}
  }

  /** One copy that could not be hooked is what a person has to know of. */
  #attached(step: Undo): void {
    this.#undo.push(step)
    if (this.#status !== 'failed') this.#status = 'active'
  }

  #fail(error: unknown, version = ''): void {
    this.#status = 'failed'
    const copy = version === '' ? this.name : `${this.name} ${version}`
    sayOnce(`hook:${this.name}`, `could not attach to ${copy}: ${String(error)}; it is not captured`)
  }
}
