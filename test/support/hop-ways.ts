/**
 * The same inbound request twice: as a hop of the general way, and as one that templates may write. What leaves the process is
 * decoded from the bytes.
 */
import { HopTemplates } from '../../src/capture/http/hop-template.ts'
import { beginPlainHop } from '../../src/capture/http/begin-plain-hop.ts'
import { beginServerHop } from '../../src/capture/http/begin-server-hop.ts'
import type { HopOptions } from '../../src/capture/hop/hop-options.ts'
import { HTTP_SCOPE } from '../../src/capture/hop/hop-options.ts'
import type { RequestTarget } from '../../src/capture/http/request-target.ts'
import type { InboundRequest, PeerSocket } from '../../src/capture/http/server-attributes.ts'
import type { ServerHop } from '../../src/capture/http/server-hop.ts'
import { createClock } from '../../src/diag/clock.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { decodeLogRecords, decodeSpans } from '../../src/model/otlp-decode.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createRedactor, type RedactorOptions } from '../../src/process/redactor.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import type { EncodedSink } from '../../src/record/encoded-sink.ts'
import { createHopKit } from './hop-kit.ts'
import { levelsWithoutRules } from './log-sink.ts'

export interface Inbound {
  readonly request: InboundRequest
  readonly target: RequestTarget
  readonly socket: PeerSocket
}

export interface Left {
  readonly spans: readonly SpanRecord[]
  readonly records: readonly LogRecord[]
}

export interface HopWay {
  begin(inbound: Inbound): ServerHop
  /** What was written since it was asked last. */
  take(): Left
}

export interface HopWays {
  readonly general: HopWay
  readonly fast: HopWay
  /** How many spans and records went straight to bytes. */
  readonly straight: () => number
}

export function hopWays(redaction: RedactorOptions = {}, settings: Partial<HopOptions> = {}): HopWays {
  let straight = 0
  const wayOf = (isFast: boolean): HopWay => {
    const redactor = createRedactor(redaction)
    const encoders = { logs: new OtlpEncoder(), spans: new OtlpEncoder() }
    const clock = createClock()
    let seq = 0
    const encoded: EncodedSink = {
      redaction: redactor.parts,
      clock,
      takes: () => true,
      append({ signal }, subject, write) {
        if (encoders[signal].append(subject, write, seq) === 0) return false
        if (signal === 'logs') seq++
        straight++
        return true
      },
    }
    const kit = createHopKit({
      clock,
      sink: { emit: (span) => void encoders.spans.appendSpan(redactor.redactSpan(span)) },
    })
    const records = createRecordEmitter({
      levels: levelsWithoutRules(),
      sink: { emit: (record) => void encoders.logs.appendLog(redactor.redactLog(record), seq++) },
      clock,
    })
    const tracer = kit.options.tracerProvider.getTracer(HTTP_SCOPE.name)
    const options: HopOptions = { ...kit.options, records, tracer, ...(isFast ? { encoded } : {}), ...settings }
    const templates = HopTemplates.for(options)
    return {
      begin: (inbound) =>
        (templates === undefined ? undefined : beginPlainHop(templates, inbound)) ?? beginServerHop(options, inbound),
      take: () => ({
        spans: decodeSpans(encoders.spans.take()),
        records: decodeLogRecords(encoders.logs.take()),
      }),
    }
  }
  return { general: wayOf(false), fast: wayOf(true), straight: () => straight }
}
