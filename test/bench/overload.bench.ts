/**
 * 50,000 records/s: how late is the event loop in comparison with bare winston, and is anything lost?
 *
 * The variants take turns, each process for some seconds; its threads share the machine's cores. What reaches the sink is counted.
 * On a machine that others use too, lateness says most of them; then the CPU of the main thread for 100 lines is the figure.
 * Options: `--against DIR` (another build beside), `--peers`, `--full` (four times as long).
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

import { decodeLogsRequest } from '../../src/model/otlp-decode.ts'
import { cleanEnv, type Contender } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { variantsOf } from './support/variants.ts'

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    peers: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
})
const ROUNDS = values.full ? 9 : 3
const SECONDS = values.full ? 8 : 4
const program = fileURLToPath(new URL('programs/overload.cjs', import.meta.url))

interface Told {
  readonly logged: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** CPU of the main thread for a piece of 100 lines. Milliseconds. */
  readonly piece50: number
  readonly piece99: number
  readonly cpu: number
}

/** Kept as they came, and counted when the process is over: counting would take the sender's core. */
let bodies: Buffer[] = []
const sink = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    if (request.url?.endsWith('/logs') === true) {
      const body = Buffer.concat(parts)
      bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    }
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/json' }).end()
  })
}).listen(0, '127.0.0.1')
await once(sink, 'listening')

function delivered(): number {
  let count = 0
  for (const body of bodies) {
    for (const { scopes } of decodeLogsRequest(body)) for (const { records } of scopes) count += records.length
  }
  bodies = []
  return count
}

async function run({ nodeArgs, env }: Contender): Promise<Told & { delivered: number }> {
  const child = fork(program, [String(SECONDS)], { execArgv: [...nodeArgs], env: cleanEnv(env) })
  const [told] = (await once(child, 'message')) as [Told]
  await once(child, 'exit')
  return { ...told, delivered: delivered() }
}

announce('50,000 winston records/s: lateness of the event loop (ms), and what arrives')
const endpoint = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`
const variants = variantsOf({ endpoint, against: values.against, peers: values.peers })
const results = variants.map(() => [] as Awaited<ReturnType<typeof run>>[])
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, variant] of variants.entries()) results[i]!.push(await run(variant))
}
sink.close()
sink.closeAllConnections()

const medianOf = (i: number, key: keyof Told): number => median(results[i]!.map((result) => result[key]))
const ratio = (i: number, key: keyof Told): string => `${(medianOf(i, key) / medianOf(0, key)).toFixed(2)} x`
table(
  ['', 'records/s', 'late p50', 'p99', 'of bare', 'max', '100 lines p50', 'p99', 'of bare', 'cores', 'logged', 'lost'],
  variants.map(({ name }, i) => {
    const sum = (key: 'logged' | 'delivered'): number => results[i]!.reduce((total, result) => total + result[key], 0)
    return [
      name,
      medianOf(i, 'perSecond'),
      medianOf(i, 'p50'),
      medianOf(i, 'p99'),
      ratio(i, 'p99'),
      medianOf(i, 'max'),
      medianOf(i, 'piece50'),
      medianOf(i, 'piece99'),
      ratio(i, 'piece99'),
      medianOf(i, 'cpu'),
      String(sum('logged')),
      i === 0 ? '-' : String(sum('logged') - sum('delivered')),
    ]
  }),
)
