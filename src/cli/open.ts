/**
 * `tracelog open`: files of records in a backend of their own, with its page, until Ctrl-C; then nothing of it is left.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readBackendConfig } from '../config/backend-config.ts'
import { createLocalSource } from '../sources/local.ts'
import { type Command, type Invocation } from './command.ts'
import { startWithDuckdb } from './duckdb/start-with-duckdb.ts'
import { EXIT } from './exit-code.ts'
import { createProblems } from './files/problems.ts'
import { importFiles } from './import.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine } from './io.ts'

export const openCommand: Command = {
  name: 'open',
  summary: 'Look at files of records on the page, in a backend of their own, until Ctrl-C',
  operands: 'FILE...',
  operandCount: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: {
    'no-browser': { type: 'boolean', help: 'only print the address of the page; so it is where no terminal is' },
    yes: { type: 'boolean', short: 'y', help: 'fetch DuckDB without asking when it is not installed' },
    json: { type: 'boolean', help: 'print one line when it is ready, with all addresses and the token' },
  },
  details: `FILE is what \`tracelog import\` takes. The backend listens on free ports of loopback and keeps everything in a temporary folder,
which is removed at the end: a \`tracelog dev\` that runs beside it is not touched.`,
  examples: [
    ['tracelog open failed.jsonl.gz', 'what somebody has sent you'],
    ['tracelog open a.jsonl b.ndjson', 'several files at once'],
  ],
  exitCodes: { '1': 'nothing could be read' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-open-'))
  const interrupt = createInterrupt()
  try {
    return await show(invocation, folder, interrupt)
  } finally {
    interrupt.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function show(
  invocation: Invocation,
  folder: string,
  interrupt: { readonly signal: AbortSignal; readonly came: Promise<void> },
): Promise<number> {
  const { flags, io, operands } = invocation
  const config = readBackendConfig({ data: folder, otlpHttp: '0', otlpGrpc: '0', api: '0' }, io.env)
  const backend = await startWithDuckdb(invocation, config, interrupt.signal)
  const { api, token, otlp_http: endpoint } = backend.ready
  try {
    const problems = createProblems(io, { command: 'open', asJson: flags.isSet('json') })
    const source = createLocalSource({ api, token })
    const requests = await importFiles(operands, io, {
      source,
      receiver: { endpoint, token },
      problems,
      isAgain: false,
    })
    if (requests === 0) {
      writeLine(io.err, 'tracelog open: nothing could be read')
      return EXIT.failed
    }
    const page = `${api}/?token=${token}`
    if (flags.isSet('json')) writeJson(io.out, backend.ready)
    else writeLine(io.out, `page  ${page}\nCtrl-C ends it.`)
    if (io.out.isTerminal && !flags.isSet('no-browser')) openInBrowser(page)
    await interrupt.came
    return EXIT.done
  } finally {
    await backend.stop()
  }
}

/** The user's own; where there is none the address is on the terminal. */
function openInBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
