/**
 * `tracelog trace`: all that happened to one request, as a tree. Without an id: the newest request that failed.
 */
import { TracelogError } from '../diag/errors.ts'
import type { TraceTree } from '../model/api.ts'
import type { LogSource } from '../sources/log-source.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { openSource } from './open-source.ts'
import { writeJson, writeLine } from './io.ts'
import { renderTrace } from '../tree/text/render-trace.ts'

/**
 * Of requests with an error somewhere, in the search for one that failed: mostly the first one did, and each costs the backend
 * a tree; so few at first, then more. All of them together are as far back as is looked.
 */
const PAGES: readonly number[] = [3, 30, 300, 1_000, 1_000, 1_000]

export const traceCommand: Command = {
  name: 'trace',
  summary: 'Show all that happened to one request, as a tree',
  operands: '[ID]',
  operandCount: { min: 0, max: 1 },
  flags: {
    last: { type: 'boolean', help: 'the newest request, whether it failed or not' },
    stack: { type: 'boolean', help: 'all frames of the application in stacks, not the first two' },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  },
  details: `ID is a trace id or its first 8 characters or more. Without one: the newest request that failed.
Letters before a line are its level (T D I W E F). ▒ and "seen from ... only": that service sent nothing of its own.
"recovered": a line below the level that was kept because the request failed.`,
  examples: [
    ['tracelog trace', 'the newest request that failed'],
    ['tracelog trace 4bf92f35', 'one request'],
    ['tracelog trace 4bf92f35 --json', 'the same as one JSON object'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  if (flags.isSet('last') && operands.length > 0) {
    throw new TracelogError(`--last is given with the id "${operands[0]}", but must be given without one`, {
      code: 'TRACELOG_USAGE',
      hint: 'Leave out one of the two.',
    })
  }
  const source = await openSource(invocation)
  const id = operands[0] ?? (await (flags.isSet('last') ? newestRequest(source) : newestFailure(source)))
  const tree = id === undefined ? undefined : await source.trace(id)
  if (tree === undefined) {
    writeLine(io.err, `tracelog trace: ${notFound(operands[0], flags.isSet('last'))}`)
    return EXIT.failed
  }
  if (flags.isSet('json')) writeJson(io.out, tree)
  else for (const line of linesOf(tree, invocation)) writeLine(io.out, line)
  return EXIT.done
}

async function newestRequest(source: LogSource): Promise<string | undefined> {
  const { requests } = await source.requests({ order: 'desc', limit: 1 })
  return requests[0]?.trace_id
}

/** Requests with an error somewhere, newest first, until one of them failed itself: most of them did. */
async function newestFailure(source: LogSource): Promise<string | undefined> {
  let cursor: string | null = null
  for (const limit of PAGES) {
    const { requests, next_cursor: next } = await source.requests({
      text: 'level>=error',
      order: 'desc',
      limit,
      ...(cursor === null ? {} : { cursor }),
    })
    const failed = requests.find(({ outcome }) => outcome === 'error')
    if (failed !== undefined) return failed.trace_id
    if (next === null) return undefined
    cursor = next
  }
  return undefined
}

function notFound(id: string | undefined, isLast: boolean): string {
  if (id !== undefined) return `no trace begins with ${JSON.stringify(id)}`
  return isLast
    ? 'no request is stored yet'
    : 'no failed request is stored; `tracelog trace --last` shows the newest one'
}

function linesOf(tree: TraceTree, { flags, io }: Invocation): string[] {
  return renderTrace(tree, {
    paint: createPaint(io.out.colourDepth),
    columns: io.out.columns,
    cwd: io.cwd,
    ...(flags.isSet('stack') ? { shownFrames: Number.POSITIVE_INFINITY } : {}),
  })
}
