/**
 * `tracelog rules test`: flat lines in, and for each which rules it meets and what would be done. Nothing is done.
 */
import { createJudge, rulesOf, type Judgement, type Rule, type Subject } from '../../backend/rules.ts'
import { toFlatLine } from '../../model/flat-line.ts'
import { parseFlatLine } from '../../model/flat-line-read.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { LineSplitter, type Line } from '../../sources/files/line-splitter.ts'
import { JSON_FLAG, type Command, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeJson, writeLine, type Io } from '../io.ts'
import { actionWords } from './rule-words.ts'
import { neededRulesFile, RULES_FILE_HELP } from './rules-file.ts'

export const rulesTestCommand: Command = {
  name: 'rules test',
  summary: 'Say for each flat line which rules it meets and what would be done',
  operands: '[FILE]',
  operandCount: { min: 0, max: 1 },
  flags: { ...JSON_FLAG },
  details: `${RULES_FILE_HELP} The lines come on standard input, one flat JSON line each, as TRACELOG_FILE and tracelog query --json have
them. With --json: one object per line, with the record as it would be kept.`,
  examples: [
    ['tracelog rules test < all.jsonl', 'what the rules of tracelog.yaml would do'],
    ['tracelog query level:error --json | tracelog rules test new.yaml', 'other rules, with records of the backend'],
  ],
  exitCodes: { '0': 'at least one line met a rule', '1': 'none did, or a rule is wrong' },
  run,
}

async function run({ flags, io, operands }: Invocation): Promise<number> {
  const rules = rulesOf(neededRulesFile(io, operands[0]))
  const judge = createJudge(rules)
  const [isJson, counts] = [flags.isSet('json'), { met: 0, unread: 0 }]
  let number = 0
  for await (const line of linesOf(io)) {
    number++
    if (line?.trim() === '') continue
    const read = line === undefined ? undefined : parseFlatLine(line)
    if (read === undefined) {
      counts.unread++
      continue
    }
    const { record, resource, scope } = read
    const judgement = judge.judge({ signal: 'logs', item: record, resource, scope })
    if (judgement.met.length > 0) counts.met++
    if (isJson) writeJson(io.out, asJson(number, judgement, rules))
    else writeLine(io.out, visibleLine(`${number}  ${wordsOf(judgement, rules)}`))
  }
  if (counts.unread > 0) {
    const lines = counts.unread === 1 ? '1 line is' : `${counts.unread} lines are`
    writeLine(io.err, `tracelog rules test: ${lines} no flat JSON, and left out`)
  }
  return counts.met > 0 ? EXIT.done : EXIT.failed
}

async function* linesOf(io: Io): AsyncGenerator<Line> {
  const splitter = new LineSplitter()
  for await (const chunk of io.in) yield* splitter.push(chunk)
  if (splitter.waiting > 0) yield splitter.rest()
}

function wordsOf({ met }: Judgement, rules: readonly Rule[]): string {
  if (met.length === 0) return 'no rule'
  return met.map((index) => `${rules[index]!.name}: ${rules[index]!.actions.map(actionWords).join(', ')}`).join('; ')
}

function asJson(line: number, { met, isDropped, subject }: Judgement, rules: readonly Rule[]): unknown {
  return {
    line,
    rules: met.map((index) => rules[index]!.name),
    does: met.flatMap((index) => rules[index]!.actions.map(actionWords)),
    dropped: isDropped,
    record: isDropped ? null : flatOf(subject),
  }
}

function flatOf(subject: Subject): unknown {
  return subject.signal === 'logs' ? JSON.parse(toFlatLine(subject.item, subject.resource, subject.scope)) : null
}
