/**
 * `tracelog flatten`: the Collector's OTLP file as flat lines, one per record; what `jq` and `grep` read.
 *
 * Streams: a file of any size in constant memory. A line that cannot be read is told and counted, the others are written.
 */
import { resolve } from 'node:path'

import { TracelogError } from '../diag/errors.ts'
import { logFilesOf } from '../sources/files/rotated-files.ts'
import { createFlattener, type Flattener } from '../model/flat-request.ts'
import { followLines, type FollowedGroup, type FollowOptions } from '../sources/files/follow-lines.ts'
import type { LineGroup } from '../sources/files/read-lines.ts'
import { type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { FILE_FLAGS, followedFile, type InputFile, inputFiles, readableLines } from './files/input-files.ts'
import { type LineOutput, openLineOutput } from './files/line-output.ts'
import { createProblems, type Problems } from './files/problems.ts'
import { readPlace, savePlace } from './files/saved-place.ts'
import { createInterrupt } from './interrupt.ts'
import { writeJson, writeLine, type Io } from './io.ts'

export const flattenCommand: Command = {
  name: 'flatten',
  summary: "Turn the Collector's OTLP JSON file into flat lines, one per record",
  operands: '[FILE...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: {
    output: {
      type: 'string',
      value: 'FILE',
      short: 'o',
      help: 'write to FILE, emptied first (default: standard output)',
    },
    follow: { type: 'boolean', short: 'f', help: 'go on with what is written later, across rotations, until Ctrl-C' },
    resume: { type: 'boolean', help: 'with --follow and --output: go on where an earlier one ended, however it ended' },
    ...FILE_FLAGS,
    line: { type: 'string', value: 'KEYS', help: 'full (default) or minimal, as TRACELOG_LINE' },
    'time-ns': { type: 'boolean', help: 'add time_ns, the time to the nanosecond' },
    json: { type: 'boolean', help: 'tell problems and, at the end, counts as JSON on standard error' },
  },
  details: `FILE is what the Collector's file exporter writes: one OTLP request in JSON per line. The files that it was rotated to come
before it, the oldest first; gzip and zstd are unpacked. Without FILE, or for "-", standard input is read.
Each record gives the line that TRACELOG_FILE has for it; one that was delivered twice (same log.record.uid) gives one.`,
  examples: [
    ['tracelog flatten /aggregate/logs.jsonl > all.jsonl', 'the single file'],
    [`tracelog flatten logs.jsonl | jq -c 'select(.status>=500)'`, 'failed requests'],
    ['tracelog flatten --follow logs.jsonl | grep 4bf92f35', 'one request, as it goes'],
    ['tracelog flatten --follow --resume -o all.jsonl logs.jsonl', 'as a service: each record once, after a crash too'],
  ],
  exitCodes: { '1': 'a line or a file could not be read; all others were written' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io, operands } = invocation
  const inputs = inputFiles(operands, invocation)
  const followed = flags.isSet('follow') ? followedFile(operands, io) : undefined
  const resumed = flags.isSet('resume') ? resumedOutput(invocation, followed) : undefined
  const place = resumed === undefined ? undefined : readPlace(resumed)
  if (place !== undefined && !logFilesOf(followed as string).some(({ inode }) => inode === place.inode))
    writeLine(io.err, 'tracelog flatten: the file that was read before is gone; going on with the oldest that is there')
  const problems = createProblems(io, { command: 'flatten', asJson: flags.isSet('json') })
  const line = flags.choice('line', ['full', 'minimal']) ?? 'full'
  const output = openLineOutput(io, { path: flags.text('output'), inputs, keep: place?.size ?? 0 })
  const flattening = new Flattening({ output, problems, line, hasTimeNs: flags.isSet('time-ns') })
  try {
    if (followed === undefined) for (const input of inputs) await flattening.takeFile(input)
    else await flattening.follow(followed, { from: place ?? (flags.isSet('alone') ? 'current' : 'oldest'), resumed })
  } finally {
    output.close()
  }
  report(io, { asJson: flags.isSet('json'), problems, counts: flattening.counts() })
  return problems.count === 0 ? EXIT.done : EXIT.failed
}

/** @returns the output's absolute path */
function resumedOutput({ flags, io }: Invocation, followed: string | undefined): string {
  const output = flags.text('output')
  if (followed !== undefined && output !== undefined) return resolve(io.cwd, output)
  throw new TracelogError('--resume is without --follow and --output, but must be with both', {
    code: 'TRACELOG_USAGE',
    hint: 'Write tracelog flatten --follow --resume --output all.jsonl FILE.',
  })
}

interface Counts {
  readonly records: number
  readonly duplicates: number
  /** Files that end in the middle of a line. */
  readonly unfinished: number
}

interface FollowingOptions {
  readonly from: NonNullable<FollowOptions['from']>
  /** The output that is gone on with, another time too. */
  readonly resumed: string | undefined
}

/** Between two notes of how far it has come. What is behind the last one is made again. Milliseconds. */
const SAVE_MILLIS = 1_000

interface FlatteningOptions {
  readonly output: LineOutput
  readonly problems: Problems
  readonly line: 'full' | 'minimal'
  readonly hasTimeNs: boolean
}

class Flattening {
  readonly #output: LineOutput
  readonly #problems: Problems
  readonly #flattener: Flattener
  #place = ''
  #records = 0
  #unfinished = 0

  constructor({ output, problems, line, hasTimeNs }: FlatteningOptions) {
    this.#output = output
    this.#problems = problems
    this.#flattener = createFlattener({ line, hasTimeNs, onBad: (reason) => problems.tell(this.#place, reason) })
  }

  counts(): Counts {
    return { records: this.#records, duplicates: this.#flattener.duplicates, unfinished: this.#unfinished }
  }

  async takeFile(input: InputFile): Promise<void> {
    for await (const group of readableLines(input, this.#problems)) await this.#take(input.name, group)
  }

  async follow(path: string, { from, resumed }: FollowingOptions): Promise<void> {
    const interrupt = createInterrupt()
    let savedAt = Number.NEGATIVE_INFINITY
    let last: FollowedGroup | undefined
    try {
      for await (const group of followLines(path, { signal: interrupt.signal, from })) {
        await this.#take(group.path, group)
        last = group
        if (resumed === undefined || performance.now() - savedAt < SAVE_MILLIS) continue
        await this.#save(resumed, group)
        savedAt = performance.now()
      }
      if (resumed !== undefined && last !== undefined) await this.#save(resumed, last)
    } finally {
      interrupt.stop()
    }
  }

  async #save(output: string, { inode, end: offset }: FollowedGroup): Promise<void> {
    await this.#output.sync()
    savePlace(output, { inode, offset, size: this.#output.size })
  }

  async #take(name: string, { lines, number, isUnfinished }: LineGroup): Promise<void> {
    let text = ''
    for (const [at, line] of lines.entries()) {
      this.#place = `${name}:${number + at}`
      for (const flat of this.#flatLines(line, isUnfinished)) {
        text += `${flat}\n`
        this.#records += 1
      }
    }
    if (text !== '') await this.#output.write(text)
  }

  #flatLines(line: string | undefined, isUnfinished: boolean): readonly string[] {
    if (line === undefined) this.#problems.tell(this.#place, 'it is longer than 256 MiB, or cannot be unpacked')
    else if (isUnfinished && !isJson(line)) this.#unfinished += 1
    else if (line.trim() !== '') return this.#flattener.lines(line)
    return []
  }
}

/** What a writer is not done with ends somewhere. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

interface Report {
  readonly asJson: boolean
  readonly problems: Problems
  readonly counts: Counts
}

function report(io: Io, { asJson, problems, counts }: Report): void {
  if (asJson) return writeJson(io.err, { ...counts, problems: problems.count })
  const { records, unfinished } = counts
  if (problems.count > 0)
    writeLine(io.err, `tracelog flatten: ${records} records written, ${problems.count} places could not be read`)
  if (unfinished > 0) writeLine(io.err, 'tracelog flatten: the last line is not finished yet; it was left out')
}
