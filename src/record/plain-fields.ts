/**
 * What a plain record is made of: a text and plain fields, as its source has them, and when and where it happened.
 */
import type { TaskNode } from '../context/task-node.ts'
import type { ClockAnchor } from '../diag/clock.ts'
import type { Attributes } from '../model/any-value.ts'
import type { LogContext } from '../model/log-context-bytes.ts'
import type { IdBytes } from '../model/record-fields.ts'
import type { FieldRoles } from './field-roles.ts'

/** The values that are written as they are. */
export type Scalar = string | number | boolean | null

export interface PlainRecord {
  /** 0 to 24; 0 counts as INFO. */
  readonly severityNumber: number
  readonly severityText: string
  readonly body: string
  /** One of ours: nothing in it is hidden. Default: none. */
  readonly eventName?: string | undefined
  /** Fields that come before the others, data alone: of a name that the others have too, the others' counts, and it is not plain. */
  readonly before?: object | undefined
  /** Its own enumerable fields, but for what `roles` says. */
  readonly fields: object
  readonly roles: FieldRoles
  /** Some of the fields may be accessors of the application, which are not to be run. */
  readonly mayHaveGetters: boolean
}

/** When and where it happened. */
export interface Occasion {
  /** Nanoseconds since the epoch; default: when it was seen. */
  readonly timeUnixNano: bigint | undefined
  /** When it was seen, as a reading of the monotonic clock. */
  readonly sinceOriginMillis: number
  readonly anchor: ClockAnchor
  readonly span: LogContext | undefined
  /** The ids of that span, where they are bytes already. */
  readonly ids: IdBytes | undefined
  /** What is stated of its request and bound to its task; comes before the record's own. */
  readonly around?: Attributes | undefined
  /** The task or request whose number it takes. */
  readonly node?: TaskNode | undefined
}
