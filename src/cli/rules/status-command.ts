/**
 * `tracelog rules status`: what each rule of the running backend has done so far.
 */
import { TracelogError } from '../../diag/errors.ts'
import type { RuleStatus } from '../../model/api.ts'
import { createLocalSource } from '../../sources/local.ts'
import { createPaint } from '../colour.ts'
import { BACKEND_FLAGS, JSON_FLAG, type Command, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { findBackend } from '../find-backend.ts'
import { writeJson, writeLine } from '../io.ts'
import { renderTable } from '../table.ts'

const COLUMNS = ['name', 'state', 'matched', 'dropped', 'delivered', 'lost', 'failed', 'last_error'] as const

export const rulesStatusCommand: Command = {
  name: 'rules status',
  summary: 'Show how many records met each rule of the running backend, and what was lost',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: { ...BACKEND_FLAGS, ...JSON_FLAG },
  details: `Counts are of records and spans since the backend's start. delivered: written to the rule's file, sent on, or handled by its
plugin; lost: never offered, because there was no room or the other side refused; failed: its plugin failed at them.`,
  examples: [['tracelog rules status', 'is anything lost?']],
  exitCodes: { '0': 'nothing is wrong', '1': 'a delivery fails or is off' },
  run,
}

async function run({ flags, io }: Invocation): Promise<number> {
  const { rules } = await createLocalSource(findBackend({ flags, io }).address).status()
  if (rules === undefined) {
    throw new TracelogError('The backend has no file of rules', {
      code: 'TRACELOG_USAGE',
      hint: 'Start it where tracelog.yaml is, or with tracelog dev --rules FILE.',
    })
  }
  if (flags.isSet('json')) writeJson(io.out, { rules })
  else
    for (const line of tableOf(rules, { paint: createPaint(io.out.colourDepth), columns: io.out.columns }))
      writeLine(io.out, line)
  return rules.every(({ state }) => state === 'ok') ? EXIT.done : EXIT.failed
}

function tableOf(rules: readonly RuleStatus[], options: Parameters<typeof renderTable>[1]): readonly string[] {
  const columns = COLUMNS.map((name) => ({ name, type: 'VARCHAR' }))
  const rows = rules.map((rule) => COLUMNS.map((name) => rule[name] ?? ''))
  return renderTable({ columns, rows, truncated: false }, options)
}
