/**
 * `tracelog diff`: what differs between two requests, or two runs. With one id: between the good one of its kind and this one.
 */
import { TracelogError } from '../diag/errors.ts'
import type { RunDiff, TreeDiff } from '../model/api.ts'
import type { LogSource } from '../sources/log-source.ts'
import { renderDiff } from '../tree/text/render-diff.ts'
import { renderRunDiff } from '../tree/text/render-run-diff.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'

export const diffCommand: Command = {
  name: 'diff',
  summary: 'Show what differs between two requests, or between two runs',
  operands: 'ID [ID]',
  operandCount: { min: 1, max: 2 },
  flags: { ...JSON_FLAG, ...SOURCE_FLAGS },
  details: `Each ID is a trace id or its first 8 characters or more. Of two the first is the one that is compared with.
With one: compared with the good one, which is of the newest requests that went well of the same service, method and route the one
nearest to their median. run:prev run:last, or ids of runs as \`tracelog runs\` lists them, compare two runs.
Rows are aligned along the tree; rows of which nothing within changed are folded. Slower: by more than a fifth, a millisecond and
what the clocks are unsure of.`,
  examples: [
    ['tracelog diff 4bf92f35', 'what is different in this request than in a good one'],
    ['tracelog diff 7c1e0a2b 4bf92f35', 'what is different in the second one'],
    ['tracelog diff run:prev run:last', 'what is different since the run before'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const source = await openSource(invocation)
  const runs = operands.flatMap((operand) => (operand.startsWith(RUN) ? [operand.slice(RUN.length)] : []))
  const diff = runs.length > 0 ? await compareRuns(source, runs, operands) : await compare(source, operands)
  if (typeof diff === 'string') {
    writeLine(io.err, `tracelog diff: ${diff}`)
    return EXIT.failed
  }
  if (flags.isSet('json')) writeJson(io.out, diff)
  else for (const line of linesOf(diff, invocation)) writeLine(io.out, line)
  return EXIT.done
}

const RUN = 'run:'

async function compareRuns(
  source: LogSource,
  [a = '', b = '']: readonly string[],
  operands: readonly string[],
): Promise<RunDiff | string> {
  if (a === '' || b === '') {
    throw new TracelogError(`the runs to compare are "${operands.join(' ')}", but must be two: run:ID run:ID`, {
      code: 'TRACELOG_USAGE',
      hint: 'Write for example `tracelog diff run:prev run:last`; `tracelog runs` lists their ids.',
    })
  }
  return (await source.diffRuns(a, b)) ?? 'there is no such run; `tracelog runs` lists them'
}

/** @returns why there is nothing to compare */
async function compare(source: LogSource, [first = '', second]: readonly string[]): Promise<TreeDiff | string> {
  if (second !== undefined) return (await source.diff(first, second)) ?? (await missing(source, [first, second]))
  const good = await source.baseline(first)
  const found = good === undefined ? undefined : await source.diff(good.trace_id, first)
  if (found !== undefined) return found
  const isKnown = (await source.trace(first)) !== undefined
  return isKnown ? 'no other request of its kind went well; name one to compare with' : await missing(source, [first])
}

async function missing(source: LogSource, ids: readonly string[]): Promise<string> {
  const found = await Promise.all(ids.map(async (id) => (await source.trace(id)) !== undefined))
  const unknown = ids.filter((_, i) => found[i] !== true)
  return `no trace begins with ${(unknown.length === 0 ? ids : unknown).map((id) => JSON.stringify(id)).join(', none with ')}`
}

function linesOf(diff: TreeDiff | RunDiff, { io }: Invocation): string[] {
  const options = { paint: createPaint(io.out.colourDepth), columns: io.out.columns }
  return 'patterns' in diff ? renderRunDiff(diff, options) : renderDiff(diff, options)
}
