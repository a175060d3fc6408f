/**
 * `tracelog dev`: the local backend in this process, until Ctrl-C.
 */
import type { RunningBackend } from '../backend/start.ts'
import { readBackendConfig, type BackendConfig } from '../config/backend-config.ts'
import { SYSLOG_FLAG, syslogPortOf } from './access-log/syslog-flag.ts'
import type { TakenSyslog } from './access-log/take-syslog.ts'
import { JSON_FLAG, type Command, type Flags, type Invocation } from './command.ts'
import { startWithDuckdb } from './duckdb/start-with-duckdb.ts'
import { rulesFileHere } from './rules/rules-file.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine } from './io.ts'
import { packageVersion } from './package-info.ts'
import type { ReadyLine } from './find-backend.ts'

export const devCommand: Command = {
  name: 'dev',
  summary: 'Run the local backend: receives logs and traces over OTLP, keeps them, shows them',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    data: {
      type: 'string',
      value: 'DIR',
      help: 'where everything is kept (default: TRACELOG_DATA, else ~/.local/state/tracelog)',
    },
    'otlp-http': { type: 'string', value: 'PORT', help: 'OTLP/HTTP (default: 4318; 0: any free one)' },
    'otlp-grpc': { type: 'string', value: 'PORT', help: 'OTLP/gRPC (default: 4317; 0: any free one)' },
    api: { type: 'string', value: 'PORT', help: 'page and query API (default: 4330; 0: any free one)' },
    listen: { type: 'string', value: 'HOST', help: 'an address other than loopback; then all need the token' },
    'allow-host': {
      type: 'string',
      value: 'NAMES',
      help: 'further host names that requests may be sent to, comma-separated',
    },
    token: {
      type: 'string',
      value: 'TEXT',
      help: 'the token of API and page (default: TRACELOG_TOKEN, else the one that the data directory keeps)',
    },
    fsync: {
      type: 'string',
      value: 'MODE',
      help: 'each (default), interval (100 ms) or off: when what was received is forced to disk',
    },
    ...SYSLOG_FLAG,
    rules: {
      type: 'string',
      value: 'FILE',
      help: 'what is done with what arrives (default: TRACELOG_CONFIG, else tracelog.yaml here)',
    },
    rebuild: { type: 'boolean', help: 'build the database anew from the journal' },
    yes: { type: 'boolean', short: 'y', help: 'fetch DuckDB without asking when it is not installed' },
    ...JSON_FLAG,
  },
  details: `It needs DuckDB (@duckdb/node-api): the one of the project, else one that it fetches by itself, once for all projects, into
$XDG_CACHE_HOME/tracelog (~/.cache/tracelog). An answer of 200 means: it is on disk. Ctrl-C finishes what was acknowledged; a second one ends it at once.
FILE has a section rules: what to drop, keep, tag, redact, write to a file, send on or give to a plugin (README, "Rules"). It is read
again when it changes, and at SIGHUP where no terminal is attached.
--json prints one line when it is ready, with all addresses and the token; the same is in backend.json in the data directory.`,
  examples: [
    ['tracelog dev', 'then `tracelog run -- npm start` in another terminal'],
    ['tracelog dev --syslog 6514', 'takes the access lines of an HAProxy too (collector/load-balancers/haproxy.cfg)'],
    ['tracelog dev --otlp-http 0 --otlp-grpc 0 --api 0 --data /tmp/x --json', 'for scripts'],
  ],
  exitCodes: {
    '0': 'ended as it was told to',
    '1': 'a port is taken, the data directory is in use, DuckDB is missing',
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const config = { ...configOf(flags, io.env), rules: rulesFileHere(io, flags.text('rules')) }
  const syslogPort = syslogPortOf(flags)
  // Listens before it starts: a Ctrl-C in the first moments must not leave a half-open store behind.
  let running: RunningBackend | undefined
  // Who closes a terminal means the end.
  const isService = config.rules !== undefined && !io.isInTerminal
  const interrupt = createInterrupt(isService ? () => void running?.reloadRules() : undefined)
  try {
    const backend = await startWithDuckdb(invocation, config, interrupt.signal)
    running = backend
    try {
      const syslog = syslogPort === undefined ? undefined : await syslogTo(backend, syslogPort)
      const ready: ReadyLine = { ...backend.ready, ...(syslog === undefined ? {} : { syslog: syslog.address }) }
      if (flags.isSet('json')) writeJson(io.out, ready)
      else for (const line of readyLines(ready)) writeLine(io.out, line)
      await interrupt.came
      await syslog?.stop()
    } finally {
      await backend.stop()
    }
    return EXIT.done
  } finally {
    interrupt.stop()
  }
}

/** Its lines take the way of all others, over the backend's own port. */
async function syslogTo({ ready }: RunningBackend, port: number): Promise<TakenSyslog> {
  const { takeSyslog } = await import('./access-log/take-syslog.ts')
  return await takeSyslog(port, { endpoint: ready.otlp_http, token: ready.token })
}

function configOf(flags: Flags, env: Invocation['io']['env']): BackendConfig {
  const hosts = flags.text('allow-host')
  return readBackendConfig(
    {
      data: flags.text('data'),
      otlpHttp: flags.text('otlp-http'),
      otlpGrpc: flags.text('otlp-grpc'),
      api: flags.text('api'),
      listen: flags.text('listen'),
      token: flags.text('token'),
      fsync: flags.text('fsync'),
      allowHosts: hosts === undefined ? undefined : [hosts],
      rebuild: flags.isSet('rebuild'),
    },
    env,
  )
}

function readyLines({ otlp_http: http, otlp_grpc: grpc, api, token, data, syslog }: ReadyLine): string[] {
  return [
    `tracelog ${packageVersion()} is ready`,
    '',
    `  OTLP/HTTP  ${http}`,
    `  OTLP/gRPC  ${grpc}`,
    ...(syslog === undefined ? [] : [`  syslog     ${syslog} (TCP and UDP)`]),
    `  page       ${api}/?token=${token}`,
    `  data       ${data}`,
    '',
    'In another terminal: `npx tracelog run -- npm start`, then `npx tracelog tail`. Ctrl-C ends it.',
  ]
}
