/**
 * How a task ended, in words: what its end record and its span say of a success, a failure or a cancellation.
 *
 * One error, one stack: the innermost task that an error ends writes it; the tasks around it refer to that one.
 */
import type { SpanContext } from '@opentelemetry/api'

import type { AnyValue, Attributes } from '../model/any-value.ts'
import { readField } from '../model/js-object.ts'
import { ATTR_ERROR_REF, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_TYPE } from '../model/semconv.ts'
import { addException, isErrorLike, thrownAttributes } from '../record/exception.ts'

export type TaskStatus = 'succeeded' | 'failed' | 'cancelled'

/** A client that went away, or a signal that was aborted, is no failure. */
export function isCancellation(error: unknown): boolean {
  return readField(error, 'name') === 'AbortError'
}

/** Which task has written the stack of an error. */
const toldBy = new WeakMap<object, Teller>()

type Teller = Pick<SpanContext, 'traceId' | 'spanId'>

/**
 * What is said of an error: all, the first time in a trace; afterwards its name, and where the rest stands. An error that is kept and
 * thrown again in other requests is told in each.
 */
export function failureAttributes(error: unknown, { traceId, spanId }: Teller): Attributes {
  if (!isErrorLike(error)) return error === undefined ? {} : thrownAttributes(error)
  const attributes: Record<string, AnyValue> = {}
  addException(attributes, error)
  const told = toldBy.get(error)
  if (told?.traceId !== traceId) {
    toldBy.set(error, { traceId, spanId })
    return attributes
  }
  const short: Record<string, AnyValue> = { [ATTR_ERROR_REF]: told.spanId }
  for (const key of [ATTR_EXCEPTION_TYPE, ATTR_EXCEPTION_MESSAGE]) {
    const value = attributes[key]
    if (value !== undefined) short[key] = value
  }
  return short
}
