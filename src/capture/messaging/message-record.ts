/**
 * The one record that a handled message leaves behind, whatever its outcome: `tracelog.message.end`.
 */
import type { Context } from '@opentelemetry/api'

import type { RequestUnit } from '../../context/request-unit.ts'
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_ABORTED,
  ATTR_ATTEMPT,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_TYPE,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_QUEUED_MS,
  ATTR_RESPONSE_TIME_MS,
  EVENT_MESSAGE_END,
} from '../../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO, SEVERITY_WARN } from '../../model/severity.ts'
import { thrownAttributes } from '../../record/exception.ts'
import { classNameOf, errorTypeOf } from '../hop/error-type.ts'
import { roundMillis } from '../hop/round-millis.ts'
import { processNameOf, spokenDestination } from './destination-attributes.ts'
import { MESSAGING_SCOPE, type Destination, type MessageFacts, type MessagingOptions } from './messaging-options.ts'

/** How a message ended. */
export interface MessageEnd {
  readonly millis: number
  readonly error: unknown
  readonly isFailed: boolean
  /** Process or connection were gone before it was handled. */
  readonly isAborted: boolean
}

interface EndedMessage extends MessageEnd {
  /** With the message's span in it. */
  readonly context: Context
  readonly destination: Destination
  readonly facts: MessageFacts
}

export function emitMessageEnd(
  { records, access = 'on' }: MessagingOptions,
  unit: RequestUnit,
  end: EndedMessage,
): void {
  const severityNumber = end.isFailed ? SEVERITY_ERROR : end.isAborted ? SEVERITY_WARN : SEVERITY_INFO
  if (access === 'off' || (access === 'errors' && severityNumber === SEVERITY_INFO)) return
  const verdict = records.levels.judge(severityNumber, MESSAGING_SCOPE.name, unit)
  if (verdict === 'drop') return
  const outcome = end.isFailed ? ' failed' : end.isAborted ? ' aborted' : ''
  records.emit(
    {
      severityNumber,
      eventName: EVENT_MESSAGE_END,
      body: `${processNameOf(end.destination)}${outcome}`,
      attributes: recordAttributes(unit, end),
      context: end.context,
    },
    MESSAGING_SCOPE,
    verdict,
  )
}

function recordAttributes(unit: RequestUnit, { destination, facts, ...end }: EndedMessage): Record<string, AnyValue> {
  const attributes = spokenDestination(destination)
  const { messageId, messageCount, queuedMillis, attempt } = facts
  if (messageId !== undefined) attributes[ATTR_MESSAGING_MESSAGE_ID] = messageId
  if (messageCount !== undefined) attributes[ATTR_MESSAGING_BATCH_MESSAGE_COUNT] = messageCount
  attributes[ATTR_RESPONSE_TIME_MS] = roundMillis(end.millis)
  if (queuedMillis !== undefined) attributes[ATTR_QUEUED_MS] = roundMillis(queuedMillis)
  if (attempt !== undefined) attributes[ATTR_ATTEMPT] = attempt
  attributes[ATTR_COMPONENT] = unit.component
  if (end.isAborted) attributes[ATTR_ABORTED] = true
  if (end.isFailed) Object.assign(attributes, failure(end.error))
  unit.rolledUp?.tell(attributes, put)
  return attributes
}

function failure(error: unknown): Record<string, AnyValue> {
  const type = errorTypeOf(error)
  const className = classNameOf(error)
  const exceptionType = className === undefined || className === 'Object' ? type : className
  return { [ATTR_ERROR_TYPE]: type, ...thrownAttributes(error), [ATTR_EXCEPTION_TYPE]: exceptionType }
}

function put(attributes: Record<string, AnyValue>, key: string, value: AnyValue): void {
  attributes[key] = value
}
