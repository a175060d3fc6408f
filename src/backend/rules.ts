/**
 * What commands need of the rules: the file, and what its rules say of a record.
 */
import type { RulesFile } from '../config/backend-rules.ts'
import { rulesInvalid } from './rules/rules-invalid.ts'
import { readRules } from './rules/read-rules.ts'
import type { Rule } from './rules/rule.ts'
import type { ActionPlace } from './rules/read-actions.ts'

export { createJudge, type Judgement } from './rules/judge.ts'
export type { Rule, RuleAction } from './rules/rule.ts'
export type { Subject } from './rules/subject.ts'

/** @throws TRACELOG_RULES_INVALID with all that is wrong; TRACELOG_CONFIG_INVALID for a file that cannot be read */
export function rulesOf(file: RulesFile, { ownHosts = [] }: Pick<ActionPlace, 'ownHosts'> = {}): readonly Rule[] {
  const { node, faults } = file.read()
  if (faults.length > 0) throw rulesInvalid(file.shown, faults)
  const { rules, problems } = readRules(node, { folder: file.folder, shown: file.shown, env: file.env, ownHosts })
  if (problems.length > 0) throw rulesInvalid(file.shown, problems)
  return rules
}
