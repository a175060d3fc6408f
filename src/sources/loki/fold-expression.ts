/**
 * The query over rows as Loki gives them back: keys that it folds are asked for under their folded name.
 */
import { FLAT_KEY_BY_ATTRIBUTE } from '../../model/flat-keys.ts'
import type { Expression, Subject } from '../../query-text/expression.ts'
import { foldKey } from './fold-key.ts'
import { knownName } from './known-names.ts'

export function foldExpression(expression: Expression): Expression {
  switch (expression.kind) {
    case 'word':
      return expression
    case 'field':
      return { ...expression, subject: foldSubject(expression.subject) }
    case 'not':
      return { kind: 'not', part: foldExpression(expression.part) }
    default:
      return { kind: expression.kind, parts: expression.parts.map(foldExpression) }
  }
}

function foldSubject(subject: Subject): Subject {
  if (subject.kind !== 'attribute' || FLAT_KEY_BY_ATTRIBUTE.has(subject.attribute)) return subject
  const folded = foldKey(subject.attribute)
  return { kind: 'attribute', attribute: knownName(folded)?.attribute ?? folded }
}
