/**
 * `tracelog lb-spans`: beside a Collector, turns the records of load balancers' hops into spans.
 */
import { readOtlpEndpoint } from '../config/otlp-config.ts'
import { readText, type Env } from '../config/env.ts'
import { withoutLogin } from '../config/http-url.ts'
import { readOrThrow } from '../config/problems.ts'
import { TracelogError } from '../diag/errors.ts'
import { say } from '../diag/events.ts'
import { createEndpointTransport } from '../export/transports/endpoint.ts'
import type { Transport } from '../export/transports/transport.ts'
import { monotonicMillis } from '../diag/clock.ts'
import type { HopSpansOptions } from '../backend/hop-spans.ts'
import { JSON_FLAG, type Command, type Flags, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine } from './io.ts'
import { packageVersion } from './package-info.ts'

/** Next to the Collector's own OTLP ports. */
const DEFAULT_PORT = 4319

export const lbSpansCommand: Command = {
  name: 'lb-spans',
  summary: "Turn records of load balancers' hops into spans, beside a Collector",
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    port: {
      type: 'string',
      value: 'PORT',
      help: `OTLP/HTTP, where records come in (default: ${DEFAULT_PORT}; 0: any free one)`,
    },
    listen: { type: 'string', value: 'HOST', help: 'an address other than loopback; then TRACELOG_TOKEN must be set' },
    'allow-host': {
      type: 'string',
      value: 'NAMES',
      help: 'further host names that requests may be sent to, comma-separated',
    },
    ...JSON_FLAG,
  },
  details: `For load balancers that write lines and no spans (HAProxy, Caddy). The Collector sends it the records (collector/lb-spans.yaml); each
tracelog.lb.end becomes a SERVER span with the record's own ids, sent to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or
OTEL_EXPORTER_OTLP_ENDPOINT (default: http://127.0.0.1:4318, or 4317 for gRPC, the Collector's own ports) with the
OTEL_EXPORTER_OTLP_* settings.
It keeps no records and answers 200 only when the spans were accepted: the Collector's queue on disk waits meanwhile, so that a
kill -9 of either loses no span. What is sent again has the same ids, and is not sent on twice unless it was ended in between.`,
  examples: [
    ['tracelog lb-spans', 'beside a Collector with --config collector/lb-spans.yaml'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT=http://tempo:4318 tracelog lb-spans', 'straight to Tempo'],
  ],
  exitCodes: { '0': 'ended as it was told to', '1': 'the port is taken' },
  run,
}

async function run({ flags, io }: Invocation): Promise<number> {
  const endpoint = readOrThrow((problems) => readOtlpEndpoint(io.env, 'traces', problems))
  const target = withoutLogin(endpoint.url)
  const transport = createEndpointTransport(endpoint, `tracelog-lb-spans/${packageVersion()}`)
  // Listens before it starts: a signal in the first moments must not be missed.
  const interrupt = createInterrupt()
  try {
    const { startHopSpans } = await import('../backend/hop-spans.ts')
    const running = await startHopSpans({
      ...addressOf(flags, io.env),
      send: senderOf(transport, target, endpoint.timeoutMillis),
    })
    if (flags.isSet('json'))
      writeJson(io.out, { ready: true, pid: process.pid, otlp_http: running.url, spans_to: target })
    else writeLine(io.out, `tracelog lb-spans takes records at ${running.url} and sends spans to ${target}`)
    await interrupt.came
    await running.stop()
    if (flags.isSet('json')) writeJson(io.out, running.counts)
    return EXIT.done
  } finally {
    transport.stop()
    interrupt.stop()
  }
}

function addressOf(flags: Flags, env: Env): Omit<HopSpansOptions, 'send'> {
  const host = flags.text('listen') ?? '127.0.0.1'
  const isLoopback = host === '127.0.0.1'
  const token = readText(env, 'TRACELOG_TOKEN')
  if (!isLoopback && token === undefined) {
    throw new TracelogError(`--listen is "${host}" without a token, but must be with one`, {
      code: 'TRACELOG_USAGE',
      hint: 'Set TRACELOG_TOKEN here, and the same in the headers of the exporter in the Collector.',
    })
  }
  return {
    host,
    port: flags.integer('port', { min: 0, max: 65_535 }) ?? DEFAULT_PORT,
    allowedHosts: (flags.text('allow-host') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    token: isLoopback ? undefined : token,
  }
}

/** @param target  as it is shown. One try each: whoever sent the records has the queue and the patience. */
function senderOf(transport: Transport, target: string, timeoutMillis: number): HopSpansOptions['send'] {
  return async (bytes, count) => {
    const answer = await transport.send({ signal: 'spans', bytes }, monotonicMillis() + timeoutMillis)
    if (answer.kind === 'delivered') return 'accepted'
    if (answer.kind === 'partial') {
      if (answer.rejected > 0)
        say('lb-spans.partial', `${target} refused ${answer.rejected} of ${count} spans: ${answer.message}`)
      return 'accepted'
    }
    const { reason } = answer
    // Wrong bytes stay wrong. A wrong address or token (401, 404) is put right by somebody, and the records wait until then.
    const isFinal = answer.kind === 'too_large' || reason === 'HTTP 400' || reason === 'gRPC 3'
    say(
      'lb-spans',
      `${target} does not accept spans (${reason}): ${isFinal ? `${count} are lost` : 'the Collector keeps the records and sends them again'}`,
    )
    return isFinal ? 'malformed' : 'busy'
  }
}
