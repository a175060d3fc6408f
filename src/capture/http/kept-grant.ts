/**
 * Which grant stays here, and which goes on? A proxy forwards what its caller has sent, and a grant is for this service alone (spec:
 * decisions, 9). Where lines are relayed, a trusted service gets one of its own.
 *
 * One that the application has put there goes on as it is.
 */
import type { IncomingHttpHeaders } from 'node:http'

import type { Context } from '@opentelemetry/api'

import { unitOf } from '../../context/request-unit.ts'
import type { HopOptions } from '../hop/hop-options.ts'

/** What a caller shows who wants the lines of its call. */
const RETURN_HEADER = 'tracelog-return'
/** The grant of a request without a unit. */
const QUIET_GRANT: symbol = Symbol.for('org.tracelog.quiet-grant')

/** How the headers of an outgoing request are read and taken away. */
export interface HeaderEdit<Carrier> {
  /** All of that name; lower case. */
  values(carrier: Carrier, name: string): readonly unknown[]
  remove(carrier: Carrier, name: string): void
  set(carrier: Carrier, name: string, value: string): void
}

/** What a request has shown; `undefined` too where nobody reads it. */
export function grantOf(headers: IncomingHttpHeaders, { readsGrants }: HopOptions): string | undefined {
  if (readsGrants !== true) return undefined
  const grant = headers[RETURN_HEADER]
  return typeof grant === 'string' ? grant : undefined
}

/** The context of a request that has no unit to say it. */
export function withQuietGrant(context: Context, headers: IncomingHttpHeaders, options: HopOptions): Context {
  const grant = grantOf(headers, options)
  return grant === undefined ? context : context.setValue(QUIET_GRANT, grant)
}

/** A request that is about to be sent. */
export interface GrantedRequest<Carrier> {
  readonly carrier: Carrier
  readonly edit: HeaderEdit<Carrier>
  readonly host: string
}

/** Takes the caller's grant out of a request that is made in its context, after the answer too, and puts there what the service is to have. */
export function sendGrant<Carrier>(
  { readsGrants, trustedPeers }: HopOptions,
  caller: Context,
  { carrier, edit, host }: GrantedRequest<Carrier>,
): void {
  if (readsGrants !== true) return
  const unit = unitOf(caller)
  const grant = unit?.grant ?? caller.getValue(QUIET_GRANT)
  const returning = unit?.returning
  if (grant === undefined && returning === undefined) return
  const present = edit.values(carrier, RETURN_HEADER)
  // Node joins the headers of one name like this.
  const isForwarded = grant !== undefined && present.join(', ') === grant
  if (isForwarded) edit.remove(carrier, RETURN_HEADER)
  else if (present.length > 0) return
  const onward = returning !== undefined && trustedPeers.isTrusted(host) ? returning.onward() : undefined
  if (onward !== undefined) edit.set(carrier, RETURN_HEADER, onward)
}
