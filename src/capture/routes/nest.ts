/**
 * With which error does Nest answer? Its exception layer asks three questions of an exception, and nothing of the application's is called
 * from them: which filter is for it, is it an error of `http-errors`, and which status has it. Its routes are those of express or fastify.
 *
 * Nest 12 is ES modules, which no hook sees: there the answer's status is all that is known.
 */
import { guarded } from '../../diag/guarded.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { watchReads } from './method-reads.ts'
import { noteFailure } from './request-failure.ts'

type Leaf = (this: unknown, ...args: unknown[]) => unknown

/** Opened when the first of the files is loaded. */
export function createNestHook(): LibraryHook {
  return {
    onFile({ file, exports }) {
      const all = exports as Record<string, unknown>
      if (file.file === 'exceptions/http.exception.js') {
        return watchReads(prototypeOf(all['HttpException']), 'getStatus', noteFailure)
      }
      return file.file === 'exceptions/base-exception-filter.js'
        ? watchQuestion(prototypeOf(all['BaseExceptionFilter']) ?? {}, 'isHttpError', 0)
        : watchQuestion(all, 'selectExceptionFilterMetadata', 1)
    },
  }
}

/** @param at  which of its arguments is the exception */
function watchQuestion(owner: object, name: string, at: number): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name)
  const original = descriptor?.value as Leaf | undefined
  if (typeof original !== 'function') throw new Error(`there is no function ${name}`)
  const note = guarded('nest', noteFailure)
  const value: Leaf = function (this: unknown, ...args) {
    note(args[at])
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(value, 'name', { value: name, configurable: true })
  Object.defineProperty(owner, name, { ...descriptor, value })
  return () => {
    if (Reflect.get(owner, name) === value) Object.defineProperty(owner, name, { ...descriptor, value: original })
  }
}

function prototypeOf(value: unknown): object | undefined {
  return typeof value === 'function' ? (value.prototype as object) : undefined
}
