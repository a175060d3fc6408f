/**
 * `tracelog run -- cmd`: the command as it is, with the preload in every Node process of it and the endpoint set.
 *
 * Its standard streams, its signals and its exit are the command's own. With --access-log a load balancer's log is followed
 * meanwhile, or alone; with --syslog its lines are taken as it sends them.
 */
import { existsSync } from 'node:fs'

import { readText, type Env } from '../config/env.ts'
import { TracelogError } from '../diag/errors.ts'
import { ACCESS_LOG_KINDS } from '../model/access-log/read-access-line.ts'
import { SYSLOG_FLAG, syslogPortOf } from './access-log/syslog-flag.ts'
import type { FollowedAccessLog } from './access-log/follow-access-log.ts'
import type { ChildCapture } from './capture-stdio/capture-child.ts'
import { BACKEND_FLAGS, type Command, type Invocation } from './command.ts'
import { endpointOf, endpointVariables, isDestinationSet } from './backend-endpoint.ts'
import { findBackend, type FoundBackend } from './find-backend.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'
import { writeLine } from './io.ts'
import { registerUrl } from './package-info.ts'
import { runVariables } from './run-attributes.ts'
import { runAndForward } from './run-child.ts'

export const runCommand: Command = {
  name: 'run',
  summary: 'Run a command with tracelog loaded into every Node process of it',
  operands: '[-- COMMAND [ARGUMENT...]]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesCommand: true,
  flags: {
    name: { type: 'string', value: 'NAME', help: 'what this run is called (default: the command)' },
    service: { type: 'string', value: 'NAME', help: 'the service name (default: that of the nearest package.json)' },
    'access-log': {
      type: 'string',
      value: 'FILE',
      help: "a load balancer's access log, followed until the command ends (without one: until it is interrupted)",
    },
    'access-log-kind': {
      type: 'string',
      value: 'KIND',
      help: `what its lines are: ${ACCESS_LOG_KINDS.join(', ')} (default: what each says itself)`,
    },
    ...SYSLOG_FLAG,
    'capture-stdio': {
      type: 'boolean',
      help: 'what the command and its children print becomes records too, of any language',
    },
    json: { type: 'boolean', help: 'errors of tracelog itself as JSON; the command prints what it prints' },
    ...BACKEND_FLAGS,
  },
  details: `Adds the preload to NODE_OPTIONS and sets OTEL_EXPORTER_OTLP_ENDPOINT to the running backend, unless it is set already.
All that is started is one run: \`tracelog runs\` lists it, run:last in a query means it. Its records say the revision of the code.
Signals go to the command; its exit code or signal is the one that \`tracelog run\` ends with.
With --capture-stdio lines that the command prints are records of the service, and go where they went: JSON lines of loggers by their keys,
others as text. The command sees pipes instead of a terminal. Node processes with the preload capture their own output, with its traces; what others write
to the same stream meanwhile is passed on only.
An access log is read as the files of collector/load-balancers make it be written, from its end on, across rotations; each request
in it becomes a hop of its trace; so does each that comes by syslog. Both need a running backend (a Collector has receivers/*.yaml instead).`,
  examples: [
    ['tracelog run -- npm start', 'an application, unchanged'],
    ['tracelog run --access-log /var/log/nginx/tracelog.json', 'the hops of a load balancer that runs already'],
    ['tracelog run --syslog 6514', 'the same of an HAProxy, which sends its lines there'],
    ['tracelog run --service api -- node server.js', 'with a name of its own'],
    ['tracelog run --capture-stdio --service jobs -- python3 jobs.py', 'the lines of a program without tracelog'],
  ],
  exitCodes: {
    '0': "the command's own exit code is forwarded, whatever it is",
    '126': 'the command cannot be executed',
    '127': 'the command was not found',
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { command, flags, io } = invocation
  const [program, ...args] = command
  const path = flags.text('access-log')
  if (path === undefined && flags.text('access-log-kind') !== undefined) {
    throw new TracelogError('--access-log-kind is given without --access-log, but must be with it', {
      code: 'TRACELOG_USAGE',
      hint: 'Name the file: --access-log FILE.',
    })
  }
  const takers = await takersOf(path, invocation)
  const stop = async (): Promise<void> => void (await Promise.all(takers.map((taker) => taker.stop())))
  let capture: ChildCapture | undefined
  const end = async (): Promise<void> => void (await Promise.all([stop(), capture?.end()]))
  try {
    if (program === undefined) return await untilInterrupted(takers)
    const endpoint = await destinationOf(invocation)
    const service = flags.text('service')
    const named = await runVariables({ env: io.env, cwd: io.cwd, command, name: flags.text('name') })
    const variables = { ...endpoint, ...named, ...(service === undefined ? {} : { OTEL_SERVICE_NAME: service }) }
    if (flags.isSet('capture-stdio')) capture = await captureOf(program, variables, invocation)
    return await runAndForward(program, args, {
      env: { ...io.env, ...variables, ...capture?.env, NODE_OPTIONS: nodeOptions(io.env) },
      onStart: capture?.watch,
      beforeEnd: end,
    })
  } finally {
    // A command that cannot be started must not leave us following for ever.
    await end()
  }
}

/** Lines of load balancers, taken until it is stopped. */
interface LineTaker {
  /** @throws when no more can be taken */
  readonly ended?: Promise<void>
  stop(): Promise<void>
}

async function takersOf(path: string | undefined, invocation: Invocation): Promise<readonly LineTaker[]> {
  const port = syslogPortOf(invocation.flags)
  const log = path === undefined ? undefined : await followLog(path, invocation)
  try {
    const syslog = port === undefined ? undefined : await openSyslog(port, invocation)
    return [log, syslog].filter((taker) => taker !== undefined)
  } catch (error) {
    await log?.stop()
    throw error
  }
}

/** @throws TRACELOG_BACKEND_UNREACHABLE, TRACELOG_PORT_IN_USE */
async function openSyslog(port: number, invocation: Invocation): Promise<LineTaker> {
  const { takeSyslog } = await import('./access-log/take-syslog.ts')
  const backend = findBackend(invocation)
  const syslog = await takeSyslog(port, { endpoint: await endpointOf(backend), token: backend.address.token })
  // Beside a command stderr is the command's; but a port that the system chose nobody else can know.
  if (port === 0 || invocation.command.length === 0)
    writeLine(invocation.io.err, `tracelog run: takes syslog on ${syslog.address} (TCP and UDP)`)
  return syslog
}

/** Not part of what every `tracelog run` loads. */
async function captureOf(
  program: string,
  variables: Readonly<Record<string, string>>,
  { io }: Invocation,
): Promise<ChildCapture> {
  const [{ captureChild }, { startLineEngine }, { serviceNameFor }] = await Promise.all([
    import('./capture-stdio/capture-child.ts'),
    import('./capture-stdio/line-engine.ts'),
    import('./capture-stdio/service-name.ts'),
  ])
  const name = readText({ ...io.env, ...variables }, 'OTEL_SERVICE_NAME') ?? serviceNameFor(program, io.cwd)
  return captureChild(startLineEngine({ ...variables, OTEL_SERVICE_NAME: name }))
}

/** @throws TRACELOG_BACKEND_UNREACHABLE: lines are read by our backend only */
async function followLog(typed: string, invocation: Invocation): Promise<FollowedAccessLog> {
  const { flags, io } = invocation
  // Not part of what every `tracelog run` loads.
  const [{ followAccessLog }, { resolveFollowed }] = await Promise.all([
    import('./access-log/follow-access-log.ts'),
    import('./files/input-files.ts'),
  ])
  const path = resolveFollowed('--access-log', typed, io)
  const backend = findBackend(invocation)
  const isThere = existsSync(path)
  const log = await followAccessLog({
    path,
    kind: flags.choice('access-log-kind', ACCESS_LOG_KINDS),
    endpoint: await endpointOf(backend),
    token: backend.address.token,
  })
  // A typing error must not look like a quiet balancer. Beside a command stderr is the command's, unless something is odd.
  if (!isThere) writeLine(io.err, `tracelog run: ${path} is not there yet; it is read once it is`)
  else if (invocation.command.length === 0)
    writeLine(io.err, `tracelog run: follows ${path} from its end on; Ctrl-C ends it`)
  return log
}

/** @throws what the following ends with; TRACELOG_USAGE when there is none */
async function untilInterrupted(takers: readonly LineTaker[]): Promise<number> {
  if (takers.length === 0) {
    throw new TracelogError('-- COMMAND [ARGUMENT...] is missing, but must be given, or --access-log FILE', {
      code: 'TRACELOG_USAGE',
      hint: 'See tracelog run --help.',
    })
  }
  const interrupt = createInterrupt()
  try {
    await Promise.race([...takers.flatMap(({ ended }) => ended ?? []), interrupt.came])
    return EXIT.done
  } finally {
    interrupt.stop()
  }
}

/** What was there, and the preload; never twice. */
export function nodeOptions(env: Env, url: string = registerUrl()): string {
  const before = readText(env, 'NODE_OPTIONS')
  if (before === undefined) return `--import=${url}`
  return before.includes(url) ? before : `${before} --import=${url}`
}

/** Only what is not set already: the user's own destination wins. */
async function destinationOf(invocation: Invocation): Promise<Record<string, string>> {
  const { env } = invocation.io
  const backend = isDestinationSet(env) ? undefined : findIfAny(invocation)
  return backend === undefined ? {} : await endpointVariables(env, backend)
}

/** Without a backend the command runs all the same: the preload says on stderr that nobody listens. */
function findIfAny(invocation: Invocation): FoundBackend | undefined {
  try {
    return findBackend(invocation)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'TRACELOG_BACKEND_UNREACHABLE') return undefined
    throw error
  }
}
