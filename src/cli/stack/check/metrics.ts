/**
 * What the servers count about themselves (Prometheus text), before and after: the reason why something is missing.
 *
 * A server that shows no metrics to us is no failure: then there is one reason less to tell.
 */
import { probe } from './probe.ts'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** `undefined`: they could not be had. */
export type Metrics = readonly Sample[] | undefined

const LIMIT_MILLIS = 2_000

/** @returns `undefined` when there is no answer within 2 s, or no 200 */
export async function readMetrics(url: string): Promise<Metrics> {
  const result = await probe({ url, limitMillis: LIMIT_MILLIS })
  return result.failure === undefined && result.status === 200 ? parseMetrics(result.body) : undefined
}

/** Source: Prometheus text format 0.0.4. */
export function parseMetrics(text: string): readonly Sample[] {
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name !== undefined) samples.push({ name, labels: parseLabels(labels), value: Number(value) })
  }
  return samples
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key!, value!]))
}

/** How much each series of `name` grew, those that did. A series that is new began at 0. */
export function growthOf(name: string, before: Metrics, after: Metrics): readonly Sample[] {
  if (before === undefined || after === undefined) return []
  // Both come from the same program, which prints labels in one order.
  const key = ({ labels }: Sample): string => JSON.stringify(labels)
  const was = new Map(before.filter((sample) => sample.name === name).map((sample) => [key(sample), sample.value]))
  return after
    .filter((sample) => sample.name === name)
    .map((sample) => ({ ...sample, value: sample.value - (was.get(key(sample)) ?? 0) }))
    .filter(({ value }) => value > 0)
}
