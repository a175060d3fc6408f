/**
 * Where does a new task hang? In which context, below which node.
 */
import type { Context, Link } from '@opentelemetry/api'

import type { TaskNode } from '../context/task-node.ts'
import type { Attributes } from '../model/any-value.ts'

export interface TaskPlace {
  /** The context that its span is started in. */
  readonly around: Context
  /** Whose number it takes; `undefined`: a root. */
  readonly parent: TaskNode | undefined
  /** Of a root: what another process has numbered. Default: it has no path. */
  readonly path?: string
  readonly links?: readonly Link[]
  /** Of its start record alone. */
  readonly told?: Attributes
}
