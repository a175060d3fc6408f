/**
 * With which HTTPException does hono answer? Its own error handler and those of applications ask the exception for its response, by a
 * method that is read then. Of other errors, and of hono as ES modules, which no hook sees, the answer's status is all that is known.
 */
import { readField } from '../../model/js-object.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { watchReads } from './method-reads.ts'
import { noteFailure } from './request-failure.ts'

/** Opened when its file is loaded. */
export function createHonoHook(): LibraryHook {
  return {
    onFile: ({ exports }) => {
      const prototype = readField(readField(exports, 'HTTPException'), 'prototype') as object | undefined
      return watchReads(prototype, 'getResponse', noteFailure)
    },
  }
}
