/**
 * `tracelog import`: files of OTLP/JSON or flat lines into the backend, each file once.
 */
import { createHash } from 'node:crypto'

import { TracelogError } from '../diag/errors.ts'
import { fileBytes, type LineGroup } from '../sources/files/read-lines.ts'
import type { LogSource } from '../sources/log-source.ts'
import { createLocalSource } from '../sources/local.ts'
import { endpointOf } from './backend-endpoint.ts'
import { BACKEND_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { type InputFile, inputFiles, readableLines } from './files/input-files.ts'
import { createProblems, type Problems } from './files/problems.ts'
import { findBackend } from './find-backend.ts'
import { ImportBatch, importedRecord, IMPORT_KEY, type OtlpBody } from './import/import-batch.ts'
import { postOtlp, type Receiver } from './import/post-otlp.ts'
import { writeJson, writeLine, type Io } from './io.ts'

/** Of its SHA-256: what tells a file from others. */
const DIGITS = 8

export const importCommand: Command = {
  name: 'import',
  summary: 'Send files of OTLP/JSON or flat lines to the backend, each file once',
  operands: 'FILE...',
  operandCount: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: {
    again: { type: 'boolean', help: 'also a file that was imported before: its records are there twice then' },
    json: { type: 'boolean', help: 'tell problems and, at the end, counts as JSON on standard error' },
    ...BACKEND_FLAGS,
  },
  details: `FILE is what \`tracelog export\` or the Collector's file exporter writes (a request of OTLP/JSON a line), or flat lines as TRACELOG_FILE
has them; gzip and zstd are unpacked. Resources get the attribute ${IMPORT_KEY}: the first ${DIGITS} digits of the file's SHA-256.
"-" reads standard input, and cannot tell whether it was imported before.`,
  examples: [
    ['tracelog import failed.jsonl.gz', 'what somebody has sent you'],
    ['tracelog import /aggregate/logs.jsonl', "the Collector's file"],
  ],
  exitCodes: { '1': 'a file was imported before, or a line could not be read; all others were sent' },
  run,
}

export interface Importing {
  readonly source: LogSource
  readonly receiver: Receiver
  readonly problems: Problems
  readonly isAgain: boolean
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io, operands } = invocation
  const backend = findBackend(invocation)
  const importing: Importing = {
    source: createLocalSource(backend.address),
    receiver: { endpoint: await endpointOf(backend), token: backend.address.token },
    problems: createProblems(io, { command: 'import', asJson: flags.isSet('json') }),
    isAgain: flags.isSet('again'),
  }
  const requests = await importFiles(operands, io, importing)
  const problems = importing.problems.count
  if (flags.isSet('json')) writeJson(io.err, { requests, problems })
  else writeLine(io.err, `tracelog import: ${requests} requests sent${problems === 0 ? '' : `, ${problems} problems`}`)
  return problems === 0 ? EXIT.done : EXIT.failed
}

/** Not the files that they were rotated to: what is named is sent. @returns requests that were sent */
export async function importFiles(operands: readonly string[], io: Io, importing: Importing): Promise<number> {
  let requests = 0
  for (const input of inputFiles(operands, { io, flags: { isSet: (name) => name === 'alone' } })) {
    // oxlint-disable-next-line no-await-in-loop -- in the order in which they were named
    requests += await importFile(input, importing)
  }
  return requests
}

async function importFile(input: InputFile, importing: Importing): Promise<number> {
  const { source, receiver, problems, isAgain } = importing
  const file = input.path === undefined ? undefined : await digitsOf(input.path, input.name, problems)
  if (input.path !== undefined && file === undefined) return 0
  if (file !== undefined && !isAgain && (await wasImported(source, file))) {
    problems.tell(input.name, 'it was imported before; --again sends it once more')
    return 0
  }
  const sending = new Sending(receiver, problems)
  const batch = new ImportBatch(file ?? 'stdin')
  for await (const group of readableLines(input, problems)) await takeGroup(group, { batch, sending, input, problems })
  await sending.send(batch.rest(), input.name)
  if (file !== undefined && sending.count > 0) await postOtlp(receiver, importedRecord(file, input.name, Date.now()))
  return sending.count
}

/** Counts what was taken; what is refused is a problem of its line. */
class Sending {
  readonly #receiver: Receiver
  readonly #problems: Problems
  count = 0

  constructor(receiver: Receiver, problems: Problems) {
    this.#receiver = receiver
    this.#problems = problems
  }

  /** @throws TracelogError when nobody takes anything */
  async send(bodies: readonly OtlpBody[], place: string): Promise<void> {
    for (const body of bodies) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- in the order of the file
        await postOtlp(this.#receiver, body)
        this.count += 1
      } catch (error) {
        if (error instanceof TracelogError) throw error
        this.#problems.tell(place, error)
      }
    }
  }
}

interface Taking {
  readonly batch: ImportBatch
  readonly sending: Sending
  readonly input: InputFile
  readonly problems: Problems
}

async function takeGroup({ lines, number }: LineGroup, { batch, sending, input, problems }: Taking): Promise<void> {
  for (const [at, line] of lines.entries()) {
    const place = `${input.name}:${number + at}`
    let bodies: readonly OtlpBody[] = []
    try {
      if (line === undefined) throw new Error('it is longer than 256 MiB, or cannot be unpacked')
      bodies = batch.take(line)
    } catch (error) {
      problems.tell(place, error)
    }
    // oxlint-disable-next-line no-await-in-loop -- in the order of the file
    await sending.send(bodies, place)
  }
}

async function digitsOf(path: string, name: string, problems: Problems): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of fileBytes(path)) hash.update(chunk)
    return hash.digest('hex').slice(0, DIGITS)
  } catch (error) {
    problems.tell(name, error)
    return undefined
  }
}

async function wasImported(source: LogSource, file: string): Promise<boolean> {
  const { logs } = await source.logs({ text: `event:${IMPORT_KEY} ${IMPORT_KEY}.file:${file}`, limit: 1 })
  return logs.length > 0
}
