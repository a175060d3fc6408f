/**
 * What does one debug call with five fields cost that its logger's level stops: where nobody keeps it, where the flight recorder keeps it
 * and forgets it, where it is dumped? winston and pino against themselves without us, CPU of the main thread in a hot loop.
 *
 * Goals (spec: recorder, A-15, winston): recorder off <= 50 ns over the gate alone, outside of a unit <= 60 ns over that, kept <= bare
 * + 3 us. A line's share of its unit and of the dump's header is in it; sending is the export worker's.
 * Run: node test/bench/recorder-call.bench.ts [--rounds 5]
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { cleanEnv } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const CALLS = 50_000
const KINDS = ['outside', 'kept', 'dumped'] as const
const program = fileURLToPath(new URL('programs/recorder-calls.cjs', import.meta.url))
const register = pathToFileURL(fileURLToPath(new URL('../../dist/register.cjs', import.meta.url))).href

type Figures = Readonly<Record<(typeof KINDS)[number], number>>

interface Variant {
  readonly name: string
  /** `undefined`: without us. */
  readonly recorder: string | undefined
}

const VARIANTS: readonly Variant[] = [
  { name: 'bare', recorder: undefined },
  { name: 'TRACELOG_RECORDER=off', recorder: 'off' },
  { name: 'TRACELOG_RECORDER=on', recorder: 'on' },
]

function measure(library: string, { recorder }: Variant, endpoint: string): Figures {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_SERVICE_NAME: 'bench',
    TRACELOG_RECORDER: recorder ?? 'off',
  }
  const flags = recorder === undefined ? [] : ['--import', register]
  const done = spawnSync(process.execPath, [...flags, program, library, String(CALLS)], {
    env: cleanEnv(env),
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`${library} ended with ${done.status}: ${done.stderr}`)
  return JSON.parse(done.stdout) as Figures
}

const sink = await startSink()
for (const library of ['winston', 'pino']) {
  announce(`A ${library}.debug below the level, five fields: CPU of the main thread, ns per call`)
  const results = new Map(VARIANTS.map(({ name }) => [name, [] as Figures[]]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const variant of VARIANTS) results.get(variant.name)!.push(measure(library, variant, sink.url))
  }
  const of = (name: string, kind: (typeof KINDS)[number]): number =>
    median(results.get(name)!.map((figures) => figures[kind]))
  table(
    [
      '',
      'outside of a unit',
      'over bare',
      'in a unit that ends well',
      'over bare',
      'in one that is dumped',
      'over bare',
    ],
    VARIANTS.map(({ name }) => [name, ...KINDS.flatMap((kind) => [of(name, kind), of(name, kind) - of('bare', kind)])]),
  )
}
sink.stop()
