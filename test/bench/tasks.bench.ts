/**
 * What does a task cost (a span and two records), a record inside of one, and a task where nothing was started?
 *
 * CPU of the main thread; one process for each, its kinds of calls in slices in turn. Goals (spec: tasks): a task 8 us, a record in a
 * task 150 ns more than outside, 100 ns where nothing was started. Run: node test/bench/tasks.bench.ts
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders } from './support/contenders.ts'
import { announce, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const CALLS = 4_000
const ROUNDS = 15

const program = fileURLToPath(new URL('programs/task-calls.cjs', import.meta.url))
const sink = await startSink()
announce('Tasks and records inside of them: CPU of the main thread per call, ns')
const rows = contenders(sink.url)
  .slice(0, 2)
  .map(({ name, nodeArgs, env }) => {
    const done = spawnSync(process.execPath, [...nodeArgs, program, String(CALLS), String(ROUNDS)], {
      env: cleanEnv(env),
      encoding: 'utf8',
    })
    const nanos = JSON.parse(done.stdout) as Record<string, number>
    const of = (kind: string): number => nanos[kind] ?? Number.NaN
    return [
      name,
      of('to') - of('fn'),
      of('winston'),
      of('winston in a task') - of('winston'),
      of('api'),
      of('api in a task') - of('api'),
    ]
  })
table(['', 'to(goal, fn)', 'winston', 'in a task: more', 'Logs API', 'in a task: more'], rows)
sink.stop()
process.exit(0)
