/**
 * What do the rules say of one record? Pure: the backend, `tracelog rules test` and the tests ask the same function.
 */
import { setField, type AnyValue, type Attributes } from '../../model/any-value.ts'
import { levelOfSeverity, nameOfLevel, severityOf } from '../../model/severity.ts'
import { compileMatcher, type Matcher } from '../../query-text/match.ts'
import { HIDDEN, hiddenKeys, hideInAttributes, hideInValue, type IsHidden } from './hide-keys.ts'
import { deliveriesOf, type Delivery, type Rule, type RuleAction, type ShapeAction } from './rule.ts'
import { rowOf, type Subject, type SubjectRow } from './subject.ts'

/** What a record had before a rule gave it another level. */
const ATTR_LEVEL_WAS = 'tracelog.rule.level_was'
/** Of a logger's word for a level. Characters. */
const MAX_LEVEL = 256
/** Of what plugins log: never handed to a plugin or sent on, so that nothing goes round in a circle. */
export const RULE_SCOPE = 'tracelog.rule'

export interface Judgement {
  /** As it is kept; the same object where no rule has changed it. */
  readonly subject: Subject
  readonly isDropped: boolean
  /** Indexes of the rules it met, in their order. */
  readonly met: readonly number[]
  /** Indexes of `deliveries`. */
  readonly deliveries: readonly number[]
}

export interface RuleJudge {
  readonly rules: readonly Rule[]
  readonly deliveries: readonly Delivery[]
  /** Whether any rule is about this signal. */
  concerns(signal: Subject['signal']): boolean
  judge(subject: Subject): Judgement
}

/** One action, with what it needs at hand. */
interface Step {
  readonly action: RuleAction
  /** Index of its delivery, where it is one. */
  readonly delivery: number
  readonly isHidden: IsHidden
}

interface CompiledRule {
  readonly rule: Rule
  readonly matches: Matcher
  readonly steps: readonly Step[]
}

/** @param rules  as read: their queries are known to be right */
export function createJudge(rules: readonly Rule[]): RuleJudge {
  const deliveries = deliveriesOf(rules)
  const compiled = rules.map((rule): CompiledRule => ({
    rule,
    matches: compileMatcher(rule.when),
    steps: rule.actions.map((action) => ({
      action,
      delivery: deliveries.findIndex((delivery) => delivery.action === action),
      isHidden: hiddenKeys(action.kind === 'redact' ? action.keys : []),
    })),
  }))
  return {
    rules,
    deliveries,
    concerns: (signal) => rules.some(({ of }) => of === 'both' || of === signal),
    judge: (subject) => new Judging(subject).run(compiled),
  }
}

class Judging {
  #subject: Subject
  #row: SubjectRow | undefined
  readonly #met: number[] = []
  readonly #deliveries: number[] = []
  #isDropped = false

  constructor(subject: Subject) {
    this.#subject = subject
  }

  run(rules: readonly CompiledRule[]): Judgement {
    for (const [index, { rule, matches, steps }] of rules.entries()) {
      if (rule.of !== 'both' && rule.of !== this.#subject.signal) continue
      this.#row ??= rowOf(this.#subject)
      if (!matches(this.#row)) continue
      this.#met.push(index)
      for (const step of steps) this.#do(step)
      if (this.#isDropped || rule.isLast) break
    }
    const deliveries = this.#isDropped ? [] : this.#deliveries
    return { subject: this.#subject, isDropped: this.#isDropped, met: this.#met, deliveries }
  }

  #do({ action, delivery, isHidden }: Step): void {
    switch (action.kind) {
      case 'keep':
        return
      case 'drop':
        this.#isDropped = true
        return
      case 'file':
        this.#deliveries.push(delivery)
        return
      case 'forward':
      case 'exec':
        if (this.#subject.scope.name !== RULE_SCOPE) this.#deliveries.push(delivery)
        return
      default:
        this.#shape(action, isHidden)
    }
  }

  #shape(action: Exclude<ShapeAction, { kind: 'drop' | 'keep' }>, isHidden: IsHidden): void {
    const shaped = shape(this.#subject, action, isHidden)
    if (shaped === this.#subject) return
    this.#subject = shaped
    this.#row = undefined
  }
}

function shape(subject: Subject, action: Exclude<ShapeAction, { kind: 'drop' | 'keep' }>, isHidden: IsHidden): Subject {
  switch (action.kind) {
    case 'tag':
      return withAttributes(subject, tagged(subject.item.attributes, action.attributes))
    case 'level':
      return levelled(subject, action.severity)
    default:
      return hidden(subject, action.isBodyHidden, isHidden)
  }
}

function withAttributes(subject: Subject, attributes: Attributes): Subject {
  if (attributes === subject.item.attributes) return subject
  return { ...subject, item: { ...subject.item, attributes } } as Subject
}

/** Never over one that is there. */
function tagged(attributes: Attributes, tags: Readonly<Record<string, AnyValue>>): Attributes {
  const added = { ...attributes } as Record<string, AnyValue>
  let isSame = true
  for (const [key, value] of Object.entries(tags)) {
    if (Object.hasOwn(added, key)) continue
    setField(added, key, value)
    isSame = false
  }
  return isSame ? attributes : added
}

function levelled(subject: Subject, severity: number): Subject {
  if (subject.signal === 'spans') return subject
  const { item } = subject
  const was = severityOf(item.severityNumber, item.severityText)
  if (was === severity) return subject
  const attributes = tagged(item.attributes, {
    [ATTR_LEVEL_WAS]: item.severityText.slice(0, MAX_LEVEL) || levelOfSeverity(was),
  })
  return { ...subject, item: { ...item, severityNumber: severity, severityText: nameOfLevel(severity), attributes } }
}

function hidden(subject: Subject, isBodyHidden: boolean, isHidden: IsHidden): Subject {
  const attributes = hideInAttributes(subject.item.attributes, isHidden)
  if (subject.signal === 'logs') {
    const { body } = subject.item
    const kept = body === undefined ? undefined : isBodyHidden ? HIDDEN : hideInValue(body, '', isHidden)
    if (attributes === subject.item.attributes && kept === body) return subject
    return { ...subject, item: { ...subject.item, body: kept, attributes } }
  }
  const { events, links } = subject.item
  const [keptEvents, keptLinks] = [hideInEach(events, isHidden), hideInEach(links, isHidden)]
  if (attributes === subject.item.attributes && keptEvents === events && keptLinks === links) return subject
  return { ...subject, item: { ...subject.item, attributes, events: keptEvents, links: keptLinks } }
}

function hideInEach<T extends { readonly attributes: Attributes }>(
  items: readonly T[],
  isHidden: IsHidden,
): readonly T[] {
  const kept = items.map((item) => {
    const attributes = hideInAttributes(item.attributes, isHidden)
    return attributes === item.attributes ? item : { ...item, attributes }
  })
  return kept.every((item, index) => item === items[index]) ? items : kept
}
