/**
 * The whole check: one record and one span in by OTLP, read back from Loki and Tempo, as anybody outside could do it.
 */
import { checkDestination, isStarting, repeat, type Attempt, type TimedCheck } from './check-destination.ts'
import { lokiOf, tempoOf } from './destination.ts'
import { explainFailure, explainOtlpStatus } from './explain.ts'
import { readMetrics } from './metrics.ts'
import { parseObject } from './parse-object.ts'
import { probe, stepsText, type ProbeAnswer } from './probe.ts'
import type { Peer, StackTarget } from './target.ts'
import { createTestSignals } from './test-signals.ts'

export interface CheckedStack {
  readonly ok: boolean
  /** Of the record and the span. */
  readonly traceId: string
  readonly checks: readonly TimedCheck[]
}

/** @param onCheck  told of each check as soon as it and those before it are known */
export async function checkStack(target: StackTarget, onCheck: (check: TimedCheck) => void): Promise<CheckedStack> {
  const checks: TimedCheck[] = []
  const tell = (check: TimedCheck): void => {
    checks.push(check)
    onCheck(check)
  }
  const [loki, tempo] = [lokiOf(target), tempoOf(target)]
  const started = performance.now()
  const [deadline, startDeadline] = [started + target.waitMillis, started + target.startMillis]
  const [ofLoki, ofTempo, ofCollector] = await Promise.all([
    readMetrics(`${target.loki.address}/metrics`),
    readMetrics(`${target.tempo.address}/metrics`),
    readMetrics(target.metricsUrl),
  ])
  const signals = createTestSignals()
  const logs = await send('otlp logs', target.logs, signals.logs, startDeadline)
  tell(logs.check)
  const traces = await send('otlp traces', target.traces, signals.traces, startDeadline)
  tell(traces.check)
  const attempt = (takenAt: number | undefined, ofDestination: typeof ofLoki): Attempt => ({
    target,
    signals,
    takenAt,
    deadline,
    startDeadline,
    before: { destination: ofDestination, collector: ofCollector },
  })
  // At the same time, so that neither's time holds a wait for the other.
  const arrivals = [
    checkDestination(loki, attempt(logs.takenAt, ofLoki)),
    checkDestination(tempo, attempt(traces.takenAt, ofTempo)),
  ]
  for (const arrival of arrivals) (await arrival).forEach(tell)
  return { ok: checks.every(({ status }) => status !== 'fail'), traceId: signals.traceId, checks }
}

interface Sent {
  readonly check: TimedCheck
  readonly takenAt: number | undefined
}

async function send(name: string, peer: Peer, body: unknown, startDeadline: number): Promise<Sent> {
  const result = await repeat(
    startDeadline,
    () => probe({ url: peer.address, headers: peer.headers, tls: peer.tls, body }),
    ({ failure }) => failure === undefined || !isStarting(failure),
  )
  if (result.failure !== undefined) return refusal({ name, status: 'fail', ...explainFailure(peer, result) })
  if (result.status < 200 || result.status > 299) {
    return refusal({ name, status: 'fail', ...explainOtlpStatus(peer, result) })
  }
  const rejected = rejectedIn(result)
  if (rejected !== undefined) return refusal({ name, status: 'fail', ...rejected })
  return {
    check: {
      name,
      status: 'ok',
      message: `${peer.url} took it: ${stepsText(result.steps)}`,
      took_ms: Math.round(result.steps.answered ?? 0),
    },
    takenAt: performance.now(),
  }
}

function refusal(check: TimedCheck): Sent {
  return { check, takenAt: undefined }
}

/** Source: OTLP, "Partial Success". A 2xx whose body is no JSON was no receiver of ours: then Loki and Tempo tell. */
function rejectedIn({ body }: ProbeAnswer): { message: string; hint: string } | undefined {
  const { partialSuccess } = parseObject(body) as {
    partialSuccess?: { rejectedLogRecords?: string; rejectedSpans?: string; errorMessage?: string }
  }
  const count = Number(partialSuccess?.rejectedLogRecords ?? partialSuccess?.rejectedSpans ?? 0)
  if (count === 0) return undefined
  return {
    message: `it answers 200, but refuses the test signal: ${partialSuccess?.errorMessage ?? 'without a reason'}`,
    hint: 'The receiver has limits of its own; its log says more.',
  }
}
