/**
 * `tracelog tree`: what one trace was to achieve, as a tree of tasks, requests and calls, without their lines.
 */
import { renderTree } from '../tree/text/render-tree.ts'
import { taskTree } from '../tree/task-tree.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'

export const treeCommand: Command = {
  name: 'tree',
  summary: 'Show the tasks of one trace as a tree, across processes: what was to be achieved, and whether it was',
  operands: 'ID',
  operandCount: { min: 1, max: 1 },
  flags: { ...JSON_FLAG, ...SOURCE_FLAGS },
  details: `ID is a trace id or its first 8 characters or more. Tasks are nodes, and so are requests and calls; their lines are in
\`tracelog trace\`. ✔ succeeded  ✖ failed  ⊘ cancelled  … no end was seen. "incomplete: N missing": so many lines and tasks should be here.
"N lines below the level": they were not sent, which is no loss; "N not sent" where no span tells them from calls. "recovered": lines that
were sent after all, because something failed. <missing>: the record that begins the task is not here.`,
  examples: [
    ['tracelog tree 4bf92f35', 'the tasks of one trace'],
    ['tracelog tree 4bf92f35 --source app.jsonl', 'out of a log file'],
    ['tracelog tree 4bf92f35 --json', 'the same as one JSON object'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const id = operands[0] as string
  const source = await openSource(invocation)
  const trace = await source.trace(id)
  if (trace === undefined) {
    writeLine(io.err, `tracelog tree: no trace begins with ${JSON.stringify(id)}`)
    return EXIT.failed
  }
  const tree = taskTree(trace)
  const look = { paint: createPaint(io.out.colourDepth), columns: io.out.columns }
  if (flags.isSet('json')) writeJson(io.out, tree)
  else for (const line of renderTree(tree, look)) writeLine(io.out, line)
  return EXIT.done
}
