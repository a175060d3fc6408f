/**
 * What the head of a request says in its second sentence: why it failed, what was seen of it, what was cut.
 */
import type { TraceTree } from '../../../model/api.ts'
import { splitSentence } from '../../../tree/text/render-trace.ts'
import { formatMillis } from '../format.ts'
import { countOf } from './outline.ts'

export interface HeadWords {
  /** `GET /api/cart` */
  readonly title: string
  /** `500`, `ok`, `still running` */
  readonly end: string
  /** `in 41.2 ms`; `''` while it runs */
  readonly took: string
  /** `TypeError: cart is undefined in web, 12.5 ms into the request.`; `''` */
  readonly why: string
  /** What was seen of it, a sentence each. */
  readonly seen: readonly string[]
}

export function headWords(tree: TraceTree): HeadWords {
  const [what, why] = splitSentence(tree.sentence)
  const arrow = what.lastIndexOf(' → ')
  const rest = arrow < 0 ? '' : what.slice(arrow + ' → '.length).replace(/\.$/, '')
  const cut = /^(.*?) (in|after) (\S+ \S+)$/.exec(rest)
  return {
    title: arrow < 0 ? what : what.slice(0, arrow),
    end: cut?.[1] ?? rest,
    took: cut === null ? '' : `${cut[2]} ${cut[3]}`,
    why,
    seen: [countsOf(tree), ...clocksOf(tree), ...cutOf(tree)],
  }
}

function countsOf({ services, counts }: TraceTree): string {
  const parts = [
    countOf(services.length, 'service'),
    countOf(counts.spans, 'span') + (counts.inferred > 0 ? ` (${counts.inferred} inferred)` : ''),
    countOf(counts.logs, 'log line'),
  ]
  const recovered = counts.recovered > 0 ? `, ${counts.recovered} of them recovered from the flight recorder` : ''
  return `${parts.join(', ')}${recovered}.`
}

/** A difference within its own uncertainty is none that anybody could know of. */
function clocksOf({ skew }: TraceTree): string[] {
  return skew
    .filter(({ ahead_ms: ahead, bound_ms: bound }) => Math.abs(ahead) > bound)
    .map(({ from, to, ahead_ms: ahead, bound_ms: bound }) => {
      const side = ahead < 0 ? 'behind' : 'ahead of'
      return `The clock of ${to} is ${formatMillis(Math.abs(ahead))} ${side} ${from}'s, give or take ${formatMillis(bound)}.`
    })
}

function cutOf({ truncated = 0 }: TraceTree): string[] {
  return truncated > 0 ? [`${countOf(truncated, 'row')} more are stored and not shown here.`] : []
}
