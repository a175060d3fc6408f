/**
 * Which unit is which stream's: bound when the unit begins, by the grant that its call has shown, and never by a trace id.
 */
import type { RequestUnit, UnitEnd, UnitEnds } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import type { GrantClaims } from '../returning/return-grant.ts'
import type { ReturnStreams } from '../returning/return-streams.ts'
import type { RelayedCalls } from './relayed-calls.ts'
import type { ReturnAudit } from './return-audit.ts'
import { DirectWay, type DirectWayOptions, type ReturnWay } from './return-way.ts'
import { ReturnedUnit, type ReturnedUnitOptions } from './returned-unit.ts'

export interface BoundUnitsOptions extends Omit<ReturnedUnitOptions, 'way'>, DirectWayOptions {
  /** Who is told of units besides. */
  readonly inner: UnitEnds
  readonly streams: ReturnStreams
  /** Those whose stream lives in the backend. */
  readonly relayed: RelayedCalls
  readonly audit: ReturnAudit
  /** What a grant is good for here; otherwise why it is not, or `undefined` where nothing is returned at all. */
  readonly read: (grant: string) => GrantClaims | string | undefined
}

interface Bound {
  readonly returned: ReturnedUnit
  readonly way: ReturnWay
}

export class BoundUnits implements UnitEnds {
  readonly #options: BoundUnitsOptions
  readonly #bound = new WeakMap<RequestUnit, Bound>()

  constructor(options: BoundUnitsOptions) {
    this.#options = options
  }

  onBegin(unit: RequestUnit, grant?: string): void {
    this.#options.inner.onBegin(unit)
    if (grant !== undefined) safely('a grant', () => this.#bind(unit, grant))
  }

  onEnd(unit: RequestUnit, end: UnitEnd): void {
    this.#options.inner.onEnd(unit, end)
    const bound = this.#bound.get(unit)
    if (bound === undefined) return
    safely('the audit', () => this.#options.audit.granted(unit, bound.way.rights))
    bound.returned.answered(end.status, end.errorType !== undefined || end.isAborted)
  }

  /** A request of ours binds nothing: the stream is for a call of the application. */
  onUnseen(unit: RequestUnit): void {
    this.#options.inner.onUnseen?.(unit)
    const bound = this.#bound.get(unit)
    if (bound === undefined) return
    this.#bound.delete(unit)
    bound.returned.stop()
    unit.returning = undefined
    bound.way.onExpired = undefined
    bound.way.unbind()
  }

  onDumpAsked(unit: RequestUnit, isAtBegin: boolean): void {
    this.#options.inner.onDumpAsked(unit, isAtBegin)
  }

  onTaskFailed(unit: RequestUnit, errorType: string): void {
    this.#options.inner.onTaskFailed(unit, errorType)
  }

  asksForDump(unit: RequestUnit, status: number): boolean {
    return this.#options.inner.asksForDump(unit, status)
  }

  #bind(unit: RequestUnit, grant: string): void {
    const { read, audit } = this.#options
    const claims = read(grant)
    if (claims === undefined) return
    const way = typeof claims === 'string' ? claims : this.#wayOf(claims, unit)
    if (typeof way === 'string') {
      audit.refused(way)
      return
    }
    const returned = new ReturnedUnit({ ...this.#options, way })
    way.soFar = () => returned.soFar()
    way.onExpired = () => {
      returned.stop()
      unit.returning = undefined
    }
    unit.returning = returned
    this.#bound.set(unit, { returned, way })
  }

  #wayOf(claims: GrantClaims, unit: RequestUnit): ReturnWay | string {
    const { streams, relayed } = this.#options
    if (claims.isRelayed === true) return relayed.bind(claims, unit)
    const stream = streams.bind(claims.sid ?? '', claims.sub)
    return typeof stream === 'string' ? stream : new DirectWay(stream, this.#options)
  }
}
