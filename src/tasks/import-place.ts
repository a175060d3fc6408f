/**
 * Where does a task hang that another process has begun? Below the span and the path that its token names, in their trace.
 */
import { trace, type Context, type SpanContext } from '@opentelemetry/api'

import { taskOf } from '../context/current-task-node.ts'
import { isForeignTask } from '../context/foreign-task.ts'
import { parseTraceState, withoutOwnMember } from '../context/trace-state.ts'
import { ATTR_TASK_IMPORT_ERROR } from '../model/semconv.ts'
import { readTaskToken, type TaskOrigin } from '../model/task-token.ts'
import type { TaskPlace } from './task-place.ts'

/**
 * @param token  as the application hands it over: anything
 * @param root  where it hangs where there is no token
 */
export function importPlace(active: Context, token: unknown, root: TaskPlace): TaskPlace {
  const origin = readTaskToken(token)
  if (origin === 'none') return root
  if (origin === 'malformed') return { ...root, told: { ...root.told, [ATTR_TASK_IMPORT_ERROR]: origin } }
  const spanContext = spanContextOf(origin)
  const inherited = taskOf(active)
  // The token of this process's own environment: its number counts here already.
  if (inherited !== undefined && isForeignTask(inherited, spanContext, origin.path)) {
    return { around: active, parent: inherited }
  }
  return { ...root, around: trace.setSpanContext(root.around, spanContext), parent: undefined, path: origin.path }
}

/** Our own member of the state is for trusted peers; whose token it is nobody knows. */
function spanContextOf({ parent: { traceId, spanId, flags }, tracestate }: TaskOrigin): SpanContext {
  const traceState = withoutOwnMember(parseTraceState(tracestate))
  const spanContext = { traceId, spanId, traceFlags: flags, isRemote: true }
  return traceState === undefined ? spanContext : { ...spanContext, traceState }
}
