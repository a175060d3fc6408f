/**
 * Is Loki (or Tempo) ready, and does it have what was sent? Asks until the limit, and says why not.
 */
import type { Check } from '../../doctor/check.ts'
import type { Destination } from './destination.ts'
import { diagnose, type Evidence } from './diagnose.ts'
import { explainFailure, explainReadStatus } from './explain.ts'
import { readMetrics, type Metrics } from './metrics.ts'
import { millis, probe, type ProbeResult } from './probe.ts'
import type { StackTarget } from './target.ts'
import type { TestSignals } from './test-signals.ts'

export interface TimedCheck extends Check {
  /** Milliseconds, where it was measured. */
  readonly took_ms?: number
}

export interface Attempt {
  readonly target: StackTarget
  readonly signals: TestSignals
  /** When the OTLP endpoint had taken it (`performance.now()`); `undefined`: it did not. */
  readonly takenAt: number | undefined
  /** `performance.now()` of the end of all waiting. */
  readonly deadline: number
  /** Until then, what does not listen may still be starting. */
  readonly startDeadline: number
  /** Before anything was sent. */
  readonly before: { readonly destination: Metrics; readonly collector: Metrics }
}

const POLL_MILLIS = 100

/** @returns one check about readiness, one about the signal */
export async function checkDestination(destination: Destination, attempt: Attempt): Promise<readonly TimedCheck[]> {
  const ready = await waitUntilReady(destination, attempt)
  if (ready.status === 'fail') return [ready, skipped(destination, `${destination.peer.name} does not answer`)]
  if (attempt.takenAt === undefined) return [ready, skipped(destination, 'the OTLP endpoint did not take it')]
  return [ready, await waitForSignal(destination, attempt, attempt.takenAt)]
}

function nameOf({ peer, noun }: Destination): string {
  return `${peer.name.toLowerCase()} ${noun}`
}

function skipped(destination: Destination, reason: string): TimedCheck {
  return { name: nameOf(destination), status: 'note', message: `not looked for: ${reason}` }
}

async function waitUntilReady({ peer }: Destination, { startDeadline, deadline }: Attempt): Promise<TimedCheck> {
  const name = `${peer.name.toLowerCase()} ready`
  const started = performance.now()
  const result = await repeat(
    deadline,
    () => probe({ url: `${peer.address}/ready`, headers: peer.headers }),
    (answer) =>
      answer.failure === undefined
        ? answer.status !== 503
        : performance.now() > startDeadline || !isStarting(answer.failure),
  )
  const took_ms = Math.round(performance.now() - started)
  if (result.failure !== undefined) return { name, status: 'fail', ...explainFailure(peer, result), took_ms }
  if (result.status === 200) {
    return { name, status: 'ok', message: `${peer.url} is ready, it answered after ${millis(took_ms)}`, took_ms }
  }
  if (result.status === 404) {
    return { name, status: 'note', message: `${peer.url} has no page that says so`, took_ms }
  }
  const notYet = {
    message: `${peer.url} is not ready after ${millis(took_ms)}: ${result.body.trim() || result.status}`,
    hint: `${peer.name} needs about 10 s after its start; wait longer with --wait SECONDS. ${peer.look}`,
  }
  return { name, status: 'fail', ...(result.status === 503 ? notYet : explainReadStatus(peer, result)), took_ms }
}

/** Docker's proxy takes connections before the program listens, and resets them. */
export function isStarting(failure: string): boolean {
  return failure === 'ECONNREFUSED' || failure === 'ECONNRESET'
}

type Verdict = 'there' | 'missing' | 'foreign' | 'refused' | 'failed'
/** What is missing, or fails in itself, may be there next time. */
const FINAL: ReadonlySet<Verdict> = new Set(['there', 'foreign', 'refused'])

function verdictOf({ isFound }: Destination, answer: ProbeResult): Verdict {
  if (answer.failure !== undefined || answer.status >= 500) return 'failed'
  if (answer.status === 404) return 'missing'
  if (answer.status !== 200) return 'refused'
  const found = isFound(answer)
  return found === undefined ? 'foreign' : found ? 'there' : 'missing'
}

async function waitForSignal(destination: Destination, attempt: Attempt, takenAt: number): Promise<TimedCheck> {
  const { peer, noun } = destination
  const name = nameOf(destination)
  const url = `${peer.address}${destination.lookPath(attempt.signals)}`
  const result = await repeat(
    attempt.deadline,
    () => probe({ url, headers: peer.headers }),
    (answer) => FINAL.has(verdictOf(destination, answer)),
  )
  const took_ms = Math.round(performance.now() - takenAt)
  const verdict = verdictOf(destination, result)
  if (verdict === 'there') {
    const message = `the ${noun} was in ${peer.name} ${millis(took_ms)} after it was taken`
    return { name, status: 'ok', message, took_ms }
  }
  if (result.failure !== undefined) return { name, status: 'fail', ...explainFailure(peer, result), took_ms }
  if (verdict === 'missing') {
    const evidence = await evidenceOf(destination, attempt, took_ms)
    return { name, status: 'fail', ...diagnose(destination, evidence), took_ms }
  }
  return { name, status: 'fail', ...explainReadStatus(peer, result), took_ms }
}

async function evidenceOf({ peer }: Destination, { target, before }: Attempt, waitedMillis: number): Promise<Evidence> {
  const [destination, collector] = await Promise.all([
    readMetrics(`${peer.address}/metrics`),
    readMetrics(target.metricsUrl),
  ])
  return {
    target,
    waitedMillis,
    destination: { before: before.destination, after: destination },
    collector: { before: before.collector, after: collector },
  }
}

/** Asks until `isFinal`, or the deadline. @returns the last answer */
export async function repeat<T>(deadline: number, ask: () => Promise<T>, isFinal: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isFinal(answer) || performance.now() > deadline) return answer
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}
