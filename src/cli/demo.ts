/**
 * `tracelog demo`: a small shop behind a load balancer, to see what tracelog shows, and a check that nothing is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createLocalSource } from '../sources/local.ts'
import type { LogSource } from '../sources/log-source.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, type Command, type Invocation } from './command.ts'
import { BALANCERS, requireInstalled } from './demo/balancer.ts'
import { checkDemo } from './demo/check-demo.ts'
import { createChildGroup, type ChildGroup } from './demo/child-group.ts'
import { playFailure, type FailureOptions } from './demo/failure.ts'
import type { Performance } from './demo/performance.ts'
import { preparePrograms, runsFromCheckout } from './demo/programs.ts'
import { createProgress, type Description, type Progress } from './demo/progress.ts'
import { startScene, type Scene } from './demo/scene.ts'
import type { TrafficAnswer } from './demo/seen.ts'
import type { Verdict } from './demo/verify-records.ts'
import { TracelogError } from '../diag/errors.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { packageRoot } from './package-info.ts'
import { visibleLine } from '../model/visible-text.ts'
import { taskTree } from '../tree/task-tree.ts'
import { renderTrace } from '../tree/text/render-trace.ts'
import { renderTree } from '../tree/text/render-tree.ts'

/** In three parts: all is well, one upstream is away, it is back. */
const DEFAULT_REQUESTS = 240
const AWAY_REQUESTS = 40
const BACK_REQUESTS = 20
/** Of what is missing. */
const SHOWN_PROBLEMS = 20

const ENDED = '\nWith --once the demo has ended: for these commands run it without.'

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Run a load balancer, two API servers and a cache with traffic, and show one failed request',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    fail: { type: 'boolean', help: 'one request that fails, with its debug lines, which no level lets through' },
    once: { type: 'boolean', help: 'end when all has been shown and checked' },
    requests: { type: 'string', value: 'N', help: `requests while all is well (default: ${DEFAULT_REQUESTS})` },
    lb: {
      type: 'string',
      value: 'NAME',
      help: 'the load balancer: http-proxy-3 (default), or an installed nginx or haproxy',
    },
    'from-checkout': { type: 'boolean', help: "use the checkout's own node_modules instead of installing" },
    ...JSON_FLAG,
  },
  details: `Free ports, data in a temporary folder; everything is ended and removed afterwards. The cache is REDIS_URL, else redis-server,
else a small one of its own. With --lb the installed program runs with the configuration of collector/load-balancers, and its access
lines go to the backend. Each request is followed through the backend: load balancer, API server, cache, every log line. With --fail
the programs log at info all the same, and not a line of them is changed: the flight recorder brings what the failed request logged below.
Then a program with goals places an order: goals are the one thing here that needs code.`,
  examples: [
    ['tracelog demo', 'look at it until Ctrl-C'],
    ['tracelog demo --lb haproxy', 'the same behind HAProxy'],
    ['tracelog demo --fail', 'the debug lines of one failed request'],
    ['tracelog demo --once', 'for scripts: ends with 1 if any hop, id or line is missing'],
  ],
  exitCodes: { '1': 'a hop, an id or a line is missing; with --fail: the debug lines are' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-demo-'))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', removeFolder)
  const group = createChildGroup()
  const interrupt = createInterrupt()
  // With --once the caller asks whether all is there: half of it is no yes.
  const interrupted = interrupt.came.then(() => (invocation.flags.isSet('once') ? EXIT.failed : EXIT.done))
  try {
    const played = play(invocation, { group, folder, interrupted, signal: interrupt.signal })
    // Interrupted half-way, it fails on what we end below: nobody needs to hear of that.
    played.catch(() => {})
    return await Promise.race([played, interrupted])
  } finally {
    await group.stopAll()
    interrupt.stop()
    removeFolder()
    process.removeListener('exit', removeFolder)
  }
}

interface Stage {
  readonly group: ChildGroup
  readonly folder: string
  readonly interrupted: Promise<number>
  readonly signal: AbortSignal
}

async function play({ flags, io }: Invocation, { group, folder, interrupted, signal }: Stage): Promise<number> {
  const asJson = flags.isSet('json')
  const count = flags.integer('requests', { min: 50, max: 100_000 })
  const isFailure = flags.isSet('fail')
  if (isFailure && count !== undefined) throw tooMany()
  const balancer = flags.choice('lb', BALANCERS) ?? 'http-proxy-3'
  // Looked for before anything is started.
  const balancerTitle = balancer === 'http-proxy-3' ? balancer : `${balancer} ${requireInstalled(balancer, io.env)}`
  const progress = createProgress(asJson ? io.err : io.out, signal)
  const fromCheckout = flags.isSet('from-checkout') || runsFromCheckout()
  const programs = await prepare(progress, { group, isCheckout: fromCheckout, folder, env: io.env })
  const scene = await startScene({ group, progress, env: io.env, programs, folder, balancer, balancerTitle })
  const source = createLocalSource({ api: scene.backend.api, token: scene.backend.token })
  const parts = { scene, progress, source, balancer }
  const played = isFailure ? await playFailure(parts) : await playTraffic(parts, count ?? DEFAULT_REQUESTS)

  const { problems, counts } = played
  if (asJson) writeJson(io.out, { ok: problems.length === 0, ...counts, problems })
  else await show({ source, scene, played, io })
  if (!asJson) writeLine(io.out, flags.isSet('once') ? ENDED : '\nCtrl-C ends the demo.')
  if (!flags.isSet('once')) {
    scene.sendForever()
    await interrupted
  }
  return problems.length === 0 ? EXIT.done : EXIT.failed
}

function tooMany(): TracelogError {
  return new TracelogError('--fail sends its own few requests: --requests has no meaning with it', {
    code: 'TRACELOG_USAGE',
    hint: 'Leave one of the two out.',
  })
}

/** Every kind of request, with an upstream that goes and comes; all of it is checked. */
async function playTraffic({ scene, progress, source, balancer }: FailureOptions, count: number): Promise<Performance> {
  const answers = await sendTraffic(scene, progress, count)
  const seen = { answers, printed: scene.printed, balancer }
  const { problems, counts, traces } = await progress.step('check', () => checkDemo(source, seen), describeVerdict)
  const failed = answers.find((answer) => answer.status >= 500)
  return { problems, counts, traceId: failed && traces.get(failed.request_id) }
}

async function prepare(progress: Progress, options: Parameters<typeof preparePrograms>[0]): Promise<string> {
  if (options.isCheckout) return await preparePrograms(options)
  return await progress.step(
    'npm install',
    () => preparePrograms(options),
    () => 'express, winston, redis, http-proxy-3, lru-cache',
  )
}

async function sendTraffic(scene: Scene, progress: Progress, count: number): Promise<readonly TrafficAnswer[]> {
  const steady = await progress.step(`${count} requests`, () => scene.send(count), describeAnswers)
  const away = await progress.step(
    'upstream down',
    async () => {
      await scene.stopUpstream()
      return await scene.send(AWAY_REQUESTS)
    },
    (answers) => `${describeAnswers(answers)}; the load balancer tried the other one`,
  )
  const back = await progress.step(
    'upstream back',
    async () => {
      await scene.restartUpstream()
      return await scene.send(BACK_REQUESTS)
    },
    describeAnswers,
  )
  return [...steady, ...away, ...back]
}

function describeAnswers(answers: readonly TrafficAnswer[]): string {
  const byStatus = Map.groupBy(answers, ({ status }) => status)
  return [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, of]) => `${of.length} × ${status}`)
    .join(', ')
}

function describeVerdict({ problems, counts }: Verdict): Description {
  if (problems.length === 1) return { failure: 'one thing is missing or wrong' }
  if (problems.length > 1) return { failure: `${problems.length} things are missing or wrong` }
  const { requests, loadBalancerHops, serverHops, cacheLookUps, lines } = counts
  return `${requests} requests: ${loadBalancerHops} load balancer hops, ${serverHops} server hops, ${cacheLookUps} look-ups, ${lines} lines, all there`
}

interface Ending {
  readonly source: LogSource
  readonly scene: Scene
  readonly played: Performance
  readonly io: Io
}

async function show({ source, scene, played: { problems, traceId, orderId }, io }: Ending): Promise<void> {
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) writeLine(io.out, `     ${visibleLine(problem)}`)
  if (problems.length > SHOWN_PROBLEMS) writeLine(io.out, `     … and ${problems.length - SHOWN_PROBLEMS} more`)
  // What the programs said on stderr: their losses, if they know of any.
  if (problems.length > 0) for (const text of scene.errors()) writeLine(io.out, `     ${visibleLine(text)}`)
  const tree = traceId === undefined ? undefined : await source.trace(traceId)
  if (tree !== undefined) {
    writeLine(io.out)
    const paint = createPaint(io.out.colourDepth)
    for (const line of renderTrace(tree, { paint, columns: io.out.columns, cwd: packageRoot() }))
      writeLine(io.out, line)
  }
  if (orderId !== undefined) await showOrder(source, orderId, io)
  for (const line of furtherCommands(scene, traceId, orderId)) writeLine(io.out, line)
}

async function showOrder(source: LogSource, orderId: string, io: Io): Promise<void> {
  const trace = await source.trace(orderId)
  if (trace === undefined) return
  writeLine(
    io.out,
    '\nAn order, as a tree of goals. Goals need code: dist/demo/order.js is the one program here that knows tracelog.\n',
  )
  const look = { paint: createPaint(io.out.colourDepth), columns: io.out.columns }
  for (const line of renderTree(taskTree(trace), look)) writeLine(io.out, line)
}

function furtherCommands(
  { backend, returnKey, url }: Scene,
  traceId: string | undefined,
  orderId: string | undefined,
): string[] {
  const tracelog = runsFromCheckout() ? 'node dist/cli.js' : 'npx tracelog'
  const data = `--data ${backend.data}`
  return [
    '',
    'To look further, in another terminal:',
    `  ${tracelog} tail ${data}`,
    `  ${tracelog} trace ${traceId === undefined ? '' : `${traceId.slice(0, 8)} `}${data}`,
    ...(orderId === undefined ? [] : [`  ${tracelog} tree ${orderId.slice(0, 8)} ${data}`]),
    `  ${tracelog} query 'level>=warn' ${data}`,
    `  ${tracelog} sql 'select service, count(*) n from logs group by all order by n desc' ${data}`,
    `  curl ${url}/api/carts/guest-1`,
    'The same call with its own lines, of every service, while it runs:',
    `  TRACELOG_RETURN_KEY=${returnKey} ${tracelog} call --streams ${backend.api}/api/v1/return ${url}/api/carts/guest-1`,
    `  ${backend.api}/?token=${backend.token}`,
  ]
}
