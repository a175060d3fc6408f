/**
 * The section `rules` of a file, read: all rules, or all that is wrong with them, each with its line and column.
 */
import { parseQueryText } from '../../query-text/parse.ts'
import { QuerySyntaxError } from '../../query-text/query-syntax-error.ts'
import { readActions, type ActionPlace } from './read-actions.ts'
import type { Rule } from './rule.ts'
import { RuleNode, type PlacedValue, type RuleProblem } from './rule-node.ts'

export interface ReadRules {
  readonly rules: readonly Rule[]
  /** Empty: all is well. */
  readonly problems: readonly RuleProblem[]
}

const NAME = /^[a-z0-9 ._-]{1,64}$/
const RULE_KEYS = ['name', 'when', 'of', 'do', 'then']
/** Each costs every record a look. */
const MAX_RULES = 100

/** Never throws. @param root  the whole file; without a section `rules` there are none */
export function readRules(root: PlacedValue, place: ActionPlace): ReadRules {
  const problems: RuleProblem[] = []
  const section = root.value instanceof Map ? (root.value as ReadonlyMap<string, PlacedValue>).get('rules') : undefined
  if (section === undefined) return { rules: [], problems }
  const list = new RuleNode('rules', section, problems)
  const items = list.items('a list of rules') ?? []
  if (items.length > MAX_RULES) list.tell(`rules has ${items.length} rules, but must have at most ${MAX_RULES}`)
  const names = new Set<string>()
  const rules = items.flatMap((item) => readRule(item, { names, place }) ?? [])
  problems.sort((a, b) => a.line - b.line || a.column - b.column)
  return { rules, problems }
}

interface SoFar {
  readonly names: Set<string>
  readonly place: ActionPlace
}

function readRule(node: RuleNode, { names, place }: SoFar): Rule | undefined {
  const entries = node.mapping(RULE_KEYS)
  if (entries === undefined) return undefined
  const name = readName(node, entries.get('name'), names)
  const of = entries.get('of')?.choice(['logs', 'spans', 'both']) ?? 'logs'
  const when = readWhen(entries.get('when'))
  const then = entries.get('then')?.choice(['next', 'stop'])
  const doing = entries.get('do')
  if (doing === undefined) node.tell(`${node.path} has no "do", but must say what is done`)
  const actions = doing === undefined ? [] : readActions(doing, { ...place, of })
  return { name, when, of, actions, isLast: then === 'stop' || actions.some(({ kind }) => kind === 'keep') }
}

function readName(rule: RuleNode, node: RuleNode | undefined, names: Set<string>): string {
  if (node === undefined) return rule.tell(`${rule.path} has no "name", but must have one`) ?? ''
  const name = node.text('1 to 64 of a-z 0-9 blank . _ -', (text) => NAME.test(text)) ?? ''
  if (names.has(name)) node.tell(`${node.path} is "${name}", but must be another name than that of a rule before`)
  if (name !== '') names.add(name)
  return name
}

function readWhen(node: RuleNode | undefined): string {
  const text = node?.text('query text', () => true)
  if (node === undefined || text === undefined) return ''
  try {
    const bound = timeTerm(parseQueryText(text))
    if (bound === undefined) return text
    const { line, column } = node.at
    node.tell(`${node.path} has "${bound.key}:", but must not: a rule meets what arrives`, {
      line,
      column: column + bound.at,
    })
  } catch (error) {
    const { line, column } = node.at
    const at = error instanceof QuerySyntaxError ? error.at : 0
    node.tell(`${node.path}: ${error instanceof Error ? error.message : String(error)}`, { line, column: column + at })
  }
  return ''
}

type Parsed = ReturnType<typeof parseQueryText>

/** The first term that bounds the time. */
function timeTerm(expression: Parsed): { readonly key: string; readonly at: number } | undefined {
  if (expression === undefined) return undefined
  switch (expression.kind) {
    case 'word':
      return undefined
    case 'field':
      return expression.subject.kind === 'since' || expression.subject.kind === 'until' ? expression : undefined
    case 'not':
      return timeTerm(expression.part)
    default:
      for (const part of expression.parts) {
        const found = timeTerm(part)
        if (found !== undefined) return found
      }
      return undefined
  }
}
