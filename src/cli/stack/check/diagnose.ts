/**
 * A signal was taken and did not arrive: which of the servers' own counters says why?
 *
 * Pure. From the surest reason to the vaguest; the last one is all that is left when no counter can be read.
 */
import type { Destination } from './destination.ts'
import type { Explanation } from './explain.ts'
import { growthOf, type Metrics, type Sample } from './metrics.ts'
import { millis } from './probe.ts'
import type { StackTarget } from './target.ts'

/** Of one server before the signals were sent, and after the wait. */
export interface BeforeAndAfter {
  readonly before: Metrics
  readonly after: Metrics
}

export interface Evidence {
  readonly target: StackTarget
  readonly destination: BeforeAndAfter
  readonly collector: BeforeAndAfter
  readonly waitedMillis: number
}

/** Always says something: at least that it is missing, and where to look. */
export function diagnose(destination: Destination, evidence: Evidence): Explanation {
  const { peer, noun } = destination
  const { logs, traces } = evidence.target
  const missing = `the ${noun} was taken at ${(noun === 'record' ? logs : traces).url}, but is not in ${peer.name} after ${millis(evidence.waitedMillis)}`
  const reason = refused(destination, evidence) ?? otherTenant(destination, evidence) ?? stuck(destination, evidence)
  if (reason !== undefined) return { message: `${missing}: ${reason.message}`, hint: reason.hint }
  return {
    message: missing,
    hint: `Does the Collector write to this ${peer.name} (${destination.variable})? Its log says what it cannot deliver: docker compose logs collector.`,
  }
}

function refused(destination: Destination, { destination: counts, collector }: Evidence): Explanation | undefined {
  const { peer, noun } = destination
  const discarded = growthOf(destination.discardedCounter, counts.before, counts.after)
  if (discarded.length > 0) {
    const reasons = discarded.map(({ value, labels }) => `${value} for "${labels['reason']}"`).join(', ')
    return {
      message: `${peer.name} refused ${noun}s meanwhile, ${reasons}`,
      hint: `See ${destination.limits}; what it refuses for good is lost, with the reason in its log and in the Collector's.`,
    }
  }
  const failed = growthOf(destination.sendFailedCounter, collector.before, collector.after)
  if (failed.length === 0) return undefined
  return {
    message: `the Collector gave up ${failed.map(exporterText).join(', ')}`,
    hint: `It was refused for good (such as 400, 401 or 404): its log has the answer, docker compose logs collector.`,
  }
}

function otherTenant(destination: Destination, { target, destination: counts }: Evidence): Explanation | undefined {
  const asked = target.tenant ?? destination.nameless
  const tenants = growthOf(destination.receivedCounter, counts.before, counts.after).map(
    ({ labels }) => labels['tenant'] ?? '',
  )
  if (tenants.length === 0 || tenants.includes(asked)) return undefined
  const names = [...new Set(tenants)].map((name) => `"${name}"`).join(', ')
  return {
    message: `${destination.peer.name} got ${destination.noun}s meanwhile, but for the tenant ${names}, and "${asked}" was asked for`,
    hint: `Name the tenant that the gateway writes to: --tenant NAME (its TRACELOG_TENANT).`,
  }
}

function stuck({ peer, variable }: Destination, { collector }: Evidence): Explanation | undefined {
  const waiting = (collector.after ?? []).filter(
    ({ name, value }) => name === 'otelcol_exporter_queue_size' && value > 0,
  )
  if (waiting.length === 0) return undefined
  return {
    message: `the Collector holds ${waiting.map(exporterText).join(', ')} in its queue`,
    hint: `It cannot deliver, and tries on without losing any. Is ${variable} this ${peer.name}? Its log has the reason: docker compose logs collector.`,
  }
}

function exporterText({ value, labels }: Sample): string {
  return `${value} for ${labels['exporter'] ?? 'an exporter'}`
}
