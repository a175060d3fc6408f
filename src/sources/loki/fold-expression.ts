/**
 * The query over rows as Loki gives them back: keys that it folds are asked for under their folded name.
 */
import { ATTRIBUTE_BY_FLAT_KEY, attributeOfKey, keyOfAttribute, RESOURCE_KEYS } from '../../model/flat-keys.ts'
import * as key from '../../model/semconv.ts'
import type { Expression } from '../../query-text/expression.ts'
import { AFTER_READING, LABELS } from './field-condition.ts'
import { foldKey } from './fold-key.ts'
import { knownName } from './known-names.ts'

/** Keys that mean something else than an attribute. */
const SPECIAL: ReadonlySet<string> = new Set([
  'level',
  'trace',
  'trace_id',
  'span',
  'span_id',
  'severity_text',
  key.ATTR_SERVICE_NAME,
  ...RESOURCE_KEYS,
  ...AFTER_READING,
  ...Object.keys(LABELS),
])

export function foldExpression(expression: Expression): Expression {
  switch (expression.kind) {
    case 'word':
      return expression
    case 'field':
      return { ...expression, key: rowKey(expression.key) }
    case 'not':
      return { kind: 'not', part: foldExpression(expression.part) }
    default:
      return { kind: expression.kind, parts: expression.parts.map(foldExpression) }
  }
}

function rowKey(name: string): string {
  if (SPECIAL.has(name) || ATTRIBUTE_BY_FLAT_KEY.has(name)) return name
  const folded = foldKey(attributeOfKey(name))
  return keyOfAttribute(knownName(folded)?.attribute ?? folded)
}
