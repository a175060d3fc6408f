/**
 * The application's worker threads, as the main thread sees them: it tells each in which context it was made, and takes its batches.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
  type TextMapPropagator,
} from '@opentelemetry/api'

import type { TracelogContextManager } from '../context/context-manager.ts'
import { taskNodeOf } from '../context/current-task-node.ts'
import { takeTaskPath, withForeignTask } from '../context/foreign-task.ts'
import { InheritedContext } from '../context/inherited-context.ts'
import { guarded } from '../diag/guarded.ts'
import { listenToThreads } from '../export/relay/announcements.ts'
import type { RelayPorts } from '../export/relay/ports.ts'
import type { ContextCarrier } from '../export/relay/protocol.ts'
import type { PlaceRecord } from '../export/relay/thread-pipeline.ts'
import { TASK_HEADER } from '../model/task-path.ts'
import { withTask } from '../record/task-fields.ts'

const WORKER_CHANNEL = 'worker_threads'
/** Threads that have not asked for their context yet; those without the preload never do. */
const MAX_WAITING = 256

export interface ContextParts {
  readonly contextManager: TracelogContextManager
  readonly propagator: TextMapPropagator
}

/** In a thread: makes the context that it was made in its own. @returns what it is to records */
export function adoptContext(
  carrier: ContextCarrier,
  { contextManager, propagator }: ContextParts,
): PlaceRecord | undefined {
  const made = withForeignTask(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter), carrier[TASK_HEADER])
  // A thread cannot outlive its process.
  contextManager.adopt(new InheritedContext(made, { parentPid: () => 0 }))
  const span = trace.getSpanContext(made)
  if (span === undefined) return undefined
  const { traceId, spanId, traceFlags } = span
  const node = taskNodeOf(made)
  return (record) => {
    const attributes =
      node === undefined ? record.attributes : withTask(record.attributes, { node, fields: undefined, isUnsent: false })
    return { ...record, traceId, spanId, traceFlags, attributes }
  }
}

export interface ThreadsOfProcess {
  /** Takes over what the threads have. Blocks, for a moment. */
  drain(): void
  stop(): void
}

/** @param ports  made for the first thread that announces itself */
export function watchThreads({ propagator }: ContextParts, ports: () => RelayPorts | undefined): ThreadsOfProcess {
  const carriers = new Map<number, ContextCarrier>()
  let used: RelayPorts | undefined
  const onWorker = guarded(WORKER_CHANNEL, ({ worker }: { worker: { threadId: number } }) => {
    const carrier: Record<string, string> = {}
    const active = context.active()
    propagator.inject(active, carrier, defaultTextMapSetter)
    if (Object.keys(carrier).length === 0) return
    const task = takeTaskPath(active)
    if (task !== '') carrier[TASK_HEADER] = task
    const [oldest] = carriers.keys()
    if (carriers.size >= MAX_WAITING && oldest !== undefined) carriers.delete(oldest)
    carriers.set(worker.threadId, carrier)
  })
  subscribe(WORKER_CHANNEL, onWorker)
  const stopListening = listenToThreads((announcement) => {
    const { threadId } = announcement
    const carrier = carriers.get(threadId) ?? {}
    carriers.delete(threadId)
    used = ports()
    used?.accept(announcement, carrier)
  })
  return {
    drain: () => used?.drain(),
    stop: () => {
      unsubscribe(WORKER_CHANNEL, onWorker)
      stopListening()
      used?.stop()
    },
  }
}
