/**
 * Which error does a query of pg end with? Its seams tell that it failed, and this file what the server said last.
 *
 * pg reads an error from the wire and hands it to the query in the same run of code: one that was read before that is forgotten.
 */
import { guarded } from '../../diag/guarded.ts'
import { soon } from '../../diag/timers.ts'
import { onFirstWrite } from '../hop/prototype-seams.ts'
import { codeField, databaseFailure, UNKNOWN_FAILURE, type DatabaseFailure } from './database-failure.ts'
import type { PgClient } from './pg-notes.ts'

/** Of the SQLSTATE: what messages of these classes have in double quotes are names. Others quote what was sent. */
const NAMES_QUOTED = /^(?:23|28|3D|3F|42P|42703|42501)/

export class PgErrors {
  #last: unknown

  /** pg-protocol's errors, from the field that is written first when all that matters is there. */
  watchProtocol({ DatabaseError }: { readonly DatabaseError: { readonly prototype: object } }): () => void {
    // oxlint-disable-next-line typescript/no-this-alias -- the listener's `this` is the error
    const errors = this
    return onFirstWrite(DatabaseError.prototype, 'code', function (this: object) {
      errors.#note(this)
    })
  }

  /**
   * pg 8.0 makes them itself, in a function that calls nothing of others.
   *
   * @param onError  told of each, with its connection
   */
  watchConnection(
    { prototype }: { readonly prototype: { parseE?: ParseError } },
    onError: (connection: object, error: unknown) => void,
  ): (() => void) | undefined {
    const { parseE } = prototype
    if (typeof parseE !== 'function') return undefined
    const note = guarded('parseE', (connection: object, error: unknown) => {
      this.#note(error)
      onError(connection, error)
    })
    prototype.parseE = function (this: unknown, ...args: unknown[]) {
      const error = parseE.apply(this, args)
      if (error instanceof Error) note(this, error)
      return error
    }
    return () => void (prototype.parseE = parseE)
  }

  /** What the server said in this run of code; once. */
  take(): unknown {
    const last = this.#last
    this.#last = undefined
    return last
  }

  #note(error: unknown): void {
    this.#last = error
    soon(() => {
      if (this.#last === error) this.#last = undefined
    })
  }
}

type ParseError = (this: unknown, ...args: unknown[]) => unknown

/** Why a connection is gone, in pg's words where the socket has none. */
export function lossOf({ connection, _ending: isEnding }: PgClient): unknown {
  return connection?.stream?.errored ?? new Error(`Connection terminated${isEnding === true ? '' : ' unexpectedly'}`)
}

/** @param error  `undefined`: nobody has seen it */
export function failureOf(error: unknown): DatabaseFailure {
  if (error === undefined) return UNKNOWN_FAILURE
  const code = codeField(error, 'severity') === undefined ? undefined : codeField(error, 'code')
  return databaseFailure(error, code, { keepsDoubleQuotes: code !== undefined && NAMES_QUOTED.test(code) })
}
