/**
 * What does one server span cost, from its start to its finished record: ours against the SDK's?
 *
 * Ten attributes at the start, two at the end, as an HTTP hop has them; the sink does nothing. Rounds in turn, medians.
 */
import { ROOT_CONTEXT, SpanKind, type Tracer } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'

import { createTracerProvider } from '../../src/record/tracer-provider.ts'
import { announce, median, table } from './support/figures.ts'

const ROUNDS = 9
const SPANS = 100_000

announce('What does one server span cost?')
const ours = createTracerProvider({ sink: { emit: () => {} } }).getTracer('bench')
const idle = { forceFlush: async () => {}, shutdown: async () => {}, onStart: () => {}, onEnd: () => {} }
const sdk = new TracerProvider({ spanProcessors: [idle] }).getTracer('bench')
const attributes = () => ({
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'url.path': '/api/users/42',
  'server.address': 'localhost',
  'server.port': 8080,
  'client.address': '127.0.0.1',
  'network.peer.address': '127.0.0.1',
  'network.peer.port': 50_000,
  'network.protocol.version': '1.1',
  'user_agent.original': 'bench/1',
})
const viaApi = (tracer: Tracer) =>
  tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: attributes() }, ROOT_CONTEXT)
const runs = [
  { name: 'SDK 3.1.0', start: () => viaApi(sdk), nanos: [] as number[] },
  { name: 'ours, by the API', start: () => viaApi(ours), nanos: [] as number[] },
  {
    name: 'ours, for hops',
    start: () => ours.startHopSpan('GET', SpanKind.SERVER, attributes(), ROOT_CONTEXT),
    nanos: [] as number[],
  },
]
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { start, nanos } of runs) {
    const before = process.hrtime.bigint()
    for (let count = 0; count < SPANS; count += 1) {
      start().setAttribute('http.response.status_code', 200).setAttribute('http.route', '/api/users/:id').end()
    }
    nanos.push(Number(process.hrtime.bigint() - before) / SPANS)
  }
}
table(
  ['', 'ns/span', 'share of the SDK'],
  runs.map(({ name, nanos }) => [name, median(nanos), median(nanos) / median(runs[0]!.nanos)]),
)
