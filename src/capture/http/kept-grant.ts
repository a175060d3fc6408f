/**
 * Which grant stays here? A proxy forwards what its caller has sent, and a grant is for this service alone (spec: decisions, 9).
 *
 * One of the application's own goes on.
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

/** Takes the caller's grant out of a request that is made in its context, after the answer too. */
export function keepGrant<Carrier>(
  { readsGrants }: HopOptions,
  caller: Context,
  { carrier, edit }: { readonly carrier: Carrier; readonly edit: HeaderEdit<Carrier> },
): void {
  if (readsGrants !== true) return
  const grant = unitOf(caller)?.grant ?? caller.getValue(QUIET_GRANT)
  // Node joins the headers of one name like this.
  if (grant !== undefined && edit.values(carrier, RETURN_HEADER).join(', ') === grant)
    edit.remove(carrier, RETURN_HEADER)
}
