/**
 * The one record that a server hop leaves behind, whatever its outcome: `tracelog.http.server.end` or `tracelog.lb.end`.
 */
import type { Context } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import type { UpstreamAttempt } from '../../context/upstream-attempts.ts'
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_ABORTED,
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_LB_ROUTING_MS,
  ATTR_RESPONSE_TIME_MS,
  ATTR_RETRIES,
  ATTR_UPSTREAM,
  ATTR_UPSTREAM_MS,
  ATTR_UPSTREAM_STATUSES,
  ATTR_UPSTREAM_TRIED,
  ATTR_URL_PATH,
  EVENT_HTTP_SERVER_END,
  EVENT_LB_END,
} from '../../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO, SEVERITY_WARN } from '../../model/severity.ts'
import { thrownAttributes } from '../../record/exception.ts'
import { roundMillis } from '../hop/round-millis.ts'
import { addMethod } from './http-method.ts'
import { HTTP_SCOPE, type HopOptions } from '../hop/hop-options.ts'

/** How a request ended. */
export interface HopEnd {
  /** Milliseconds on the monotonic clock. */
  readonly millis: number
  /** `undefined`: no status line was sent. */
  readonly status: number | undefined
  /** The client was gone before the response was complete. */
  readonly isAborted: boolean
  /** `error.type`: the status of a 5xx, the class of what was thrown. */
  readonly errorType: string | undefined
  readonly clientAddress: string | undefined
  /** The outcome in words. Default: the status. */
  readonly outcome?: string
  /** What was said of the error; default: nothing. */
  readonly errorMessage?: string
  /** What the protocol says beside. Default: nothing. */
  readonly further?: Readonly<Record<string, AnyValue>>
  /** With what the framework answered, where that is known. */
  readonly failure?: unknown
}

export function emitCompletion(
  { records, access = 'on' }: HopOptions,
  unit: RequestUnit,
  end: HopEnd,
  context: Context,
): void {
  const severityNumber = severityOf(end)
  if (access === 'off' || (access === 'errors' && severityNumber === SEVERITY_INFO)) return
  const verdict = records.levels.judge(severityNumber, HTTP_SCOPE.name, unit)
  if (verdict === 'drop') return
  const isBalancer = unit.component === 'load_balancer'
  records.emit(
    {
      severityNumber,
      eventName: isBalancer ? EVENT_LB_END : EVENT_HTTP_SERVER_END,
      body: `${unit.method} ${unit.path ?? ''} ${outcomeOf(end)}`,
      attributes: completionAttributes(unit, end, isBalancer),
      context,
    },
    HTTP_SCOPE,
    verdict,
  )
}

function outcomeOf({ outcome, status, isAborted }: HopEnd): string | number {
  return outcome ?? status ?? (isAborted ? 'aborted' : 'failed')
}

function severityOf({ isAborted, errorType }: HopEnd): number {
  if (errorType !== undefined) return SEVERITY_ERROR
  return isAborted ? SEVERITY_WARN : SEVERITY_INFO
}

function completionAttributes(unit: RequestUnit, end: HopEnd, isBalancer: boolean): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {}
  addMethod(attributes, unit.method)
  if (unit.path !== undefined) attributes[ATTR_URL_PATH] = unit.path
  if (unit.route !== undefined) attributes[ATTR_HTTP_ROUTE] = unit.route
  if (end.status !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = end.status
  attributes[ATTR_RESPONSE_TIME_MS] = roundMillis(end.millis)
  attributes[ATTR_COMPONENT] = unit.component
  if (end.isAborted) attributes[ATTR_ABORTED] = true
  if (end.errorType !== undefined) attributes[ATTR_ERROR_TYPE] = end.errorType
  if (end.clientAddress !== undefined) attributes[ATTR_CLIENT_ADDRESS] = end.clientAddress
  if (end.further !== undefined) Object.assign(attributes, end.further)
  if (end.failure !== undefined) Object.assign(attributes, thrownAttributes(end.failure))
  unit.rolledUp?.tell(attributes, putAttribute)
  if (isBalancer) addUpstreams(attributes, unit)
  return attributes
}

function putAttribute(attributes: Record<string, AnyValue>, key: string, value: AnyValue): void {
  attributes[key] = value
}

/** A balancer may ask others as well (an authentication service); upstreams are those that the request was piped into. */
export function triedUpstreams({ upstreams: { all } }: RequestUnit): readonly UpstreamAttempt[] {
  const piped = all.filter(({ isPipedInto }) => isPipedInto)
  return piped.length > 0 ? piped : all
}

function addUpstreams(attributes: Record<string, AnyValue>, unit: RequestUnit): void {
  const tried = triedUpstreams(unit)
  const [first] = tried
  const last = tried.at(-1)
  attributes[ATTR_RETRIES] = Math.max(0, tried.length - 1)
  if (first === undefined || last === undefined) return
  attributes[ATTR_UPSTREAM] = last.upstream
  attributes[ATTR_UPSTREAM_MS] = roundMillis(upstreamMillis(last))
  // Until the first choice: the time that failed attempts took is no routing.
  attributes[ATTR_LB_ROUTING_MS] = roundMillis(first.startedMillis - unit.startedMillis)
  attributes[ATTR_UPSTREAM_TRIED] = tried.map(({ upstream }) => upstream)
  attributes[ATTR_UPSTREAM_STATUSES] = tried.map(({ status }) => status)
}

export function upstreamMillis({ startedMillis, endedMillis }: UpstreamAttempt): number {
  return (endedMillis ?? monotonicMillis()) - startedMillis
}
