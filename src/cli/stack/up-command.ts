/**
 * `tracelog stack up` and `tracelog stack down`: docker compose with the right files, and a check at the end.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import { JSON_FLAG, type Command, type Flags, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeJson, writeLine } from '../io.ts'
import { packageRoot } from '../package-info.ts'
import { CHECK_FLAGS, runCheck } from './check-command.ts'
import { dockerCompose, fileArguments } from './docker.ts'
import { COMPOSE_FILES, PASSWORD, readEnvFile, setVariables, writeSecrets } from './env-file.ts'
import { DIR_FLAG, folderOf } from './init-command.ts'
import { publishedAt } from './ports.ts'
import { securedSender } from './secured-sender.ts'
import { COMPOSE_FILE, listOverlays, overlayFile } from './stack-files.ts'

/** Loki needs 10 s on a fast machine; images have been pulled when the wait begins. Milliseconds. */
const START_MILLIS = 120_000

export const stackUpCommand: Command = {
  name: 'stack up',
  summary: 'Start the stack with docker compose, and check that it works',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    ...DIR_FLAG,
    with: { type: 'string', value: 'LIST', help: 'overlays, such as kafka,metrics (compose.<name>.yaml)' },
    ...CHECK_FLAGS,
  },
  details: `Writes .env with a random password for Grafana if there is none, and notes there which overlays are in use, so that
"docker compose logs" and "tracelog stack down" mean the same containers.`,
  examples: [
    ['tracelog stack up', 'Collector, Loki, Tempo, Grafana on 127.0.0.1'],
    ['tracelog stack up --with metrics', 'and Prometheus'],
  ],
  exitCodes: { '0': 'it runs, and what is sent arrives', '1': 'it does not; the lines say why' },
  run: up,
}

export const stackDownCommand: Command = {
  name: 'stack down',
  summary: 'Stop the stack and remove its containers',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: {
    ...JSON_FLAG,
    ...DIR_FLAG,
    volumes: { type: 'boolean', help: 'and all data: logs, traces, queues, dashboards changed in Grafana' },
  },
  examples: [
    ['tracelog stack down', 'the data stays'],
    ['tracelog stack down --volumes', 'nothing stays'],
  ],
  exitCodes: { '1': 'docker compose failed' },
  run: down,
}

async function up({ flags, io }: Invocation): Promise<number> {
  const folder = stackFolder({ flags, io })
  const overlays = readOverlays(flags, folder)
  writeSecrets(folder)
  setVariables(folder, {
    [COMPOSE_FILES]: [COMPOSE_FILE, ...overlays.map(overlayFile)].join(':'),
    // Compose's own default is `;` on Windows.
    COMPOSE_PATH_SEPARATOR: ':',
  })
  // compose.lb.yaml runs the demo's programs from this package.
  const env = { TRACELOG_PACKAGE: packageRoot(), ...io.env }
  const code = await dockerCompose(folder, [...fileArguments(overlays), 'up', '-d', '--remove-orphans'], env)
  if (code !== 0) return EXIT.failed
  const { grafana, ...published } = publishedAt(folder, io.env)
  const secured = overlays.includes('secure') ? securedSender(folder, published.otlp, io.env) : undefined
  const checked = await runCheck(flags, secured === undefined ? io : { ...io, env: secured.env }, {
    ...published,
    ...(secured && { otlp: secured.otlp }),
    startMillis: START_MILLIS,
    waitMillis: START_MILLIS,
  })
  if (checked === EXIT.done && !flags.isSet('json')) {
    writeLine(io.out, `Grafana: ${grafana} (user admin, ${PASSWORD} in .env).`)
  }
  return checked
}

async function down({ flags, io }: Invocation): Promise<number> {
  const folder = stackFolder({ flags, io })
  const files = (readEnvFile(folder).get(COMPOSE_FILES) ?? COMPOSE_FILE).split(':').flatMap((file) => ['-f', file])
  const volumes = flags.isSet('volumes') ? ['--volumes'] : []
  const code = await dockerCompose(folder, [...files, 'down', '--remove-orphans', ...volumes], io.env)
  if (flags.isSet('json')) writeJson(io.out, { ok: code === 0, folder, data_removed: code === 0 && volumes.length > 0 })
  return code === 0 ? EXIT.done : EXIT.failed
}

/** @throws TRACELOG_USAGE when the stack's files are not there: a docker-compose.yml of the user's own is none of ours to start */
function stackFolder(invocation: Pick<Invocation, 'flags' | 'io'>): string {
  const folder = folderOf(invocation)
  const missing = [COMPOSE_FILE, 'collector'].find((name) => !existsSync(join(folder, name)))
  if (missing === undefined) return folder
  throw new TracelogError(`${folder} holds no ${missing}, but must`, {
    code: 'TRACELOG_USAGE',
    hint: 'Write the files with `tracelog stack init`, or name their folder with --dir.',
  })
}

/** @throws TRACELOG_USAGE for one that is not there */
function readOverlays(flags: Flags, folder: string): readonly string[] {
  const known = listOverlays(folder)
  const names = (flags.text('with') ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return [...new Set(names)]
  throw new TracelogError(`--with names "${unknown}", but must be of ${known.join(', ')}`, {
    code: 'TRACELOG_USAGE',
    hint: 'Each is a file compose.<name>.yaml beside docker-compose.yml.',
  })
}
