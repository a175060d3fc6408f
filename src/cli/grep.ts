/**
 * `tracelog grep`: the lines of log files that match a query, as they stand in the files.
 *
 * Streams, in constant memory, in the order of the files. For what a backend or Loki holds there is `tracelog query`.
 */
import { TracelogError } from '../diag/errors.ts'
import { followLines } from '../sources/files/follow-lines.ts'
import { createRowReader, type FlatRow, logRowOf, type RowReader } from '../sources/files/flat-rows.ts'
import type { LineGroup } from '../sources/files/read-lines.ts'
import { createRowMatcher, type RowMatcher } from '../sources/files/row-matcher.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, TIME_FLAGS, type Command, type Invocation } from './command.ts'
import { isFileHere, tellNothingFound } from './empty-answer.ts'
import { EXIT } from './exit-code.ts'
import { FILE_FLAGS, followedFile, type InputFile, inputFiles, readableLines } from './files/input-files.ts'
import { createProblems, type Problems } from './files/problems.ts'
import { createInterrupt } from './interrupt.ts'
import { writeLine, type Io } from './io.ts'
import { createLogLines } from '../tree/text/log-line.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'

/** Records whose keys are looked at for a hint. */
const SAMPLED = 1_000

/** With one of these the query is said, and all operands are files. */
const SELECTING_FLAGS = ['query', 'trace', 'level', 'service', 'since', 'until'] as const

export const grepCommand: Command = {
  name: 'grep',
  summary: 'Search log files: flat lines, the file of the Collector, the output of any program',
  operands: '[QUERY] [FILE...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: {
    trace: { type: 'string', value: 'ID', help: 'only one trace (its id or the beginning of it)' },
    level: { type: 'string', value: 'LEVEL', help: 'from this level up: warn' },
    service: { type: 'string', value: 'NAME', help: 'only one service' },
    query: { type: 'string', value: 'QUERY', short: 'e', help: 'the query, when it is not the first operand' },
    ...TIME_FLAGS,
    limit: { type: 'string', value: 'N', short: 'n', help: 'end after N matching records' },
    count: { type: 'boolean', short: 'c', help: 'print only how many match' },
    follow: { type: 'boolean', short: 'f', help: 'go on with what is written later, across rotations, until Ctrl-C' },
    ...FILE_FLAGS,
    ...JSON_FLAG,
  },
  details: `The first operand is the query, unless a flag says what is looked for: then all operands are files. Without FILE, or for "-",
standard input is read. The files that FILE was rotated to come before it; gzip and zstd are unpacked.
With --json lines are printed as they stand in the file.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog grep --trace 4bf92f35 all.jsonl', 'one request'],
    ["tracelog grep 'level>=warn service:api' /aggregate/logs.jsonl", "warnings, out of the Collector's file"],
    ['node app.js | tracelog grep --follow timeout', 'what an application prints'],
    [`tracelog grep --json 'status>=500 took>1s' all.jsonl | jq .path`, 'for scripts'],
  ],
  exitCodes: { '1': 'nothing found, or a file could not be read' },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation
  const isCount = flags.isSet('count')
  const { query, files } = operandsOf(invocation)
  checkStandardInput(query, files, invocation)
  const problems = createProblems(io, { command: 'grep', asJson: flags.isSet('json') })
  const grep = new Grep({
    problems,
    matcher: createRowMatcher({
      query,
      trace: flags.text('trace'),
      level: flags.text('level'),
      service: flags.text('service'),
      since: flags.text('since'),
      until: flags.text('until'),
    }),
    limit: flags.integer('limit', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? Number.POSITIVE_INFINITY,
    print: isCount ? () => Promise.resolve() : printerOf(io, flags.isSet('json')),
  })
  // A pipe is followed by reading it to its end.
  if (flags.isSet('follow') && files.length > 0 && files[0] !== '-')
    await grep.follow(followedFile(files, io), flags.isSet('alone'))
  else await grep.takeFiles(inputFiles(files, invocation))

  if (isCount) writeLine(io.out, String(grep.found))
  else if (grep.found === 0) tellNothingFound(io, { command: 'grep', text: query, sample: grep.sample })
  return grep.found === 0 || problems.count > 0 ? EXIT.failed : EXIT.done
}

function operandsOf({ flags, operands }: Invocation): { readonly query: string; readonly files: readonly string[] } {
  if (SELECTING_FLAGS.some((name) => flags.isSet(name))) return { query: flags.text('query') ?? '', files: operands }
  const [query, ...files] = operands
  if (query !== undefined) return { query, files }
  throw new TracelogError('the query is missing, but must be given', {
    code: 'TRACELOG_USAGE',
    hint: 'Write tracelog grep QUERY FILE, or say with --trace, --level or --service what is looked for.',
  })
}

/** `tracelog grep all.jsonl` would look for that word in what is typed. */
function checkStandardInput(query: string, files: readonly string[], { io }: Invocation): void {
  if (files.length > 0) return
  const isFile = isFileHere(query, io)
  if (isFile && io.isInTerminal) {
    throw new TracelogError(`the query is missing: "${query}" is a file, but what is looked for must come first`, {
      code: 'TRACELOG_USAGE',
      hint: `Write tracelog grep QUERY ${query}; '' as QUERY finds everything.`,
    })
  }
  const named = isFile ? `; ${JSON.stringify(query)} is what is looked for, not the file of that name` : ''
  if (isFile || io.isInTerminal) writeLine(io.err, `tracelog grep: reading standard input${named}`)
}

type Print = (row: FlatRow, id: string) => Promise<void>

function printerOf(io: Io, asJson: boolean): Print {
  const lines = createLogLines({ paint: createPaint(io.out.colourDepth), columns: io.out.columns })
  return (row, id) => {
    if (asJson) writeLine(io.out, jsonOf(row))
    else writeLine(io.out, lines.line(logRowOf(row, id)))
    return io.out.drained()
  }
}

/** A line that is no JSON becomes one of ours, as far as it is known: a program can read it too. */
function jsonOf(row: FlatRow): string {
  const text = row.text()
  return text.startsWith('{') && !text.includes('\n') ? text : JSON.stringify(flatFields(row.fields))
}

/** The keys that the line said: what it did not say is not made up. */
function flatFields({ time_ns: time, ...fields }: FlatRow['fields']): object {
  const isTimed = typeof time === 'string' && time !== '0'
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'timestamp' || isTimed))
}

interface GrepOptions {
  readonly problems: Problems
  readonly matcher: RowMatcher
  readonly limit: number
  readonly print: Print
}

class Grep {
  found = 0
  /** What the first records looked like, for hints. */
  readonly sample = { keys: new Set<string>(), records: 0 }
  readonly #options: GrepOptions
  readonly #reader: RowReader
  #place = ''

  constructor(options: GrepOptions) {
    const { problems, matcher } = options
    this.#options = options
    this.#reader = createRowReader({ needles: matcher.needles, onBad: (reason) => problems.tell(this.#place, reason) })
  }

  async takeFiles(inputs: readonly InputFile[]): Promise<void> {
    for (const input of inputs) {
      const groups = readableLines(input, this.#options.problems)
      for await (const group of groups) if (!(await this.#take(input.name, group))) return
      for (const row of this.#reader.end()) if (!(await this.#print(row))) return
    }
  }

  async follow(path: string, isAlone: boolean): Promise<void> {
    const interrupt = createInterrupt()
    try {
      const groups = followLines(path, { signal: interrupt.signal, from: isAlone ? 'current' : 'oldest' })
      for await (const group of groups) if (!(await this.#take(group.path, group))) return
    } finally {
      interrupt.stop()
    }
  }

  /** @returns whether more is wanted */
  async #take(name: string, { lines, number, isUnfinished }: LineGroup): Promise<boolean> {
    for (const [at, line] of lines.entries()) {
      if (line === undefined) continue
      this.#place = `${name}:${number + at}`
      for (const row of this.#reader.rows(line, isUnfinished)) if (!(await this.#print(row))) return false
    }
    return true
  }

  /** If it matches. @returns whether more is wanted */
  async #print(row: FlatRow): Promise<boolean> {
    const { matcher, print, limit } = this.#options
    if (this.found === 0 && this.sample.records < SAMPLED) {
      for (const key of Object.keys(row.fields)) this.sample.keys.add(key)
      this.sample.records += 1
    }
    if (!matcher.matches(row.fields)) return true
    await print(row, String(this.found))
    this.found += 1
    return this.found < limit
  }
}
