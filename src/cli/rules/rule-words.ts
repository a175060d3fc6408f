/**
 * A rule's actions as a person reads them.
 */
import type { RuleAction } from '../../backend/rules.ts'
import { nameOfLevel } from '../../model/severity.ts'

export function actionWords(action: RuleAction): string {
  switch (action.kind) {
    case 'drop':
    case 'keep':
      return action.kind
    case 'tag':
      return `tag ${Object.keys(action.attributes).join(', ')}`
    case 'level':
      return `level ${nameOfLevel(action.severity)}`
    case 'redact':
      return `redact ${[...action.keys, ...(action.isBodyHidden ? ['the body'] : [])].join(', ')}`
    case 'file':
      return `file ${action.path}`
    case 'forward':
      return `forward ${action.endpoint}`
    default:
      return `exec ${action.module}`
  }
}
