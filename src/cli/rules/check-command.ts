/**
 * `tracelog rules check`: is a file of rules right? If not: all that is wrong, each with its line and column.
 */
import { rulesOf } from '../../backend/rules.ts'
import { JSON_FLAG, type Command, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeJson, writeLine } from '../io.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { actionWords } from './rule-words.ts'
import { neededRulesFile, RULES_FILE_HELP } from './rules-file.ts'

export const rulesCheckCommand: Command = {
  name: 'rules check',
  summary: 'Say all that is wrong in a file of rules',
  operands: '[FILE]',
  operandCount: { min: 0, max: 1 },
  flags: { ...JSON_FLAG },
  details: `${RULES_FILE_HELP} The rules are its section rules; README, "Rules".`,
  examples: [['tracelog rules check', 'before tracelog dev, which would not start with a wrong one']],
  exitCodes: { '0': 'every rule is right', '1': 'something is wrong; each line says what and where' },
  // eslint-disable-next-line typescript/require-await
  run: async (invocation) => run(invocation),
}

function run({ flags, io, operands }: Invocation): number {
  const file = neededRulesFile(io, operands[0])
  const rules = rulesOf(file)
  if (flags.isSet('json')) {
    writeJson(io.out, { file: file.path, rules: rules.map(({ name, when, of }) => ({ name, when, of })) })
    return EXIT.done
  }
  writeLine(io.out, visibleLine(`${file.shown}: ${rules.length === 1 ? '1 rule' : `${rules.length} rules`}`))
  for (const { name, when, actions, isLast } of rules) {
    const does = actions.map(actionWords).join(', ')
    writeLine(
      io.out,
      visibleLine(`  ${name}: ${when === '' ? 'everything' : when} -> ${does}${isLast ? ', stop' : ''}`),
    )
  }
  return EXIT.done
}
