/** Rules from the text of a file, as the backend reads them. */
import type { ActionPlace } from '../../../src/backend/rules/read-actions.ts'
import { readRules, type ReadRules } from '../../../src/backend/rules/read-rules.ts'
import type { Rule } from '../../../src/backend/rules/rule.ts'
import { readYamlSection } from '../../../src/config/file/yaml-reader.ts'

const ENV = { TEAM_KEY: 'k1', EMPTY: '' }

export function readText(text: string, place: Partial<ActionPlace> = {}): ReadRules {
  const { node, faults } = readYamlSection('rules', text, ENV)
  if (faults.length > 0) return { rules: [], problems: faults }
  return readRules(node, { folder: '/etc/app', shown: 'tracelog.yaml', env: ENV, ...place })
}

/** @throws when something is wrong with them */
export function rulesOfText(text: string): readonly Rule[] {
  const { rules, problems } = readText(text)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return rules
}
