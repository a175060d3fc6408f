/**
 * What a rule is, once it is read: plain data, which goes to the worker as it is.
 */
import type { AnyValue } from '../../model/any-value.ts'

export interface Rule {
  /** Unique in its file. */
  readonly name: string
  /** Query text; `''`: everything. */
  readonly when: string
  readonly of: 'logs' | 'spans' | 'both'
  readonly actions: readonly RuleAction[]
  /** No later rule sees what meets this one. */
  readonly isLast: boolean
}

/** Before the journal: what is kept, and as what. */
export type ShapeAction =
  | { readonly kind: 'drop' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'tag'; readonly attributes: Readonly<Record<string, string | number | boolean>> }
  | { readonly kind: 'level'; readonly severity: number }
  | { readonly kind: 'redact'; readonly keys: readonly string[]; readonly isBodyHidden: boolean }

/** After the journal: who is given it too. */
export type DeliveryAction = FileAction | ForwardAction | ExecAction

export interface FileAction {
  readonly kind: 'file'
  /** Absolute. */
  readonly path: string
  readonly format: 'flat' | 'otlp'
  readonly maxBytes: number
  /** The current one included. */
  readonly maxFiles: number
}

export interface ForwardAction {
  readonly kind: 'forward'
  /** Without the signal's path. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'none' | 'gzip' | 'zstd'
}

export interface ExecAction {
  readonly kind: 'exec'
  /** Absolute. */
  readonly module: string
  readonly options: Readonly<Record<string, AnyValue>>
  /** Names of variables that the plugin sees, and their values. */
  readonly env: Readonly<Record<string, string>>
  /** Records of one `handle` at most. */
  readonly batch: number
  /** How long a batch that is not full waits. Milliseconds. */
  readonly everyMillis: number
  /** Of one `handle`. Milliseconds. */
  readonly timeoutMillis: number
  /** Where its rule stands: `tracelog.yaml:12`. */
  readonly place: string
}

export type RuleAction = ShapeAction | DeliveryAction

export function isDelivery(action: RuleAction): action is DeliveryAction {
  return action.kind === 'file' || action.kind === 'forward' || action.kind === 'exec'
}

/** One delivery of a rule. */
export interface Delivery {
  /** Index of its rule. */
  readonly rule: number
  readonly action: DeliveryAction
}

/** In the order of the file: their numbers are how both halves of the worker name them. */
export function deliveriesOf(rules: readonly Rule[]): readonly Delivery[] {
  return rules.flatMap(({ actions }, rule) => actions.filter(isDelivery).map((action) => ({ rule, action })))
}
