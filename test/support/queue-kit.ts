/**
 * A program of test/libraries/programs/messaging that sends what a request asks for and handles it itself, beside a receiver.
 *
 *   const app = await startQueueApp(receiver, { program: 'messaging/bullmq.mjs', set: 'newest', node: '24.21.0', env })
 *   const trace = await app.ask('/add?name=pack')        // in a trace of its own
 *   await trace.until('the job', () => trace.ends().length === 1)
 *   expect(trace.tree()).toEqual([...])
 */
import { randomBytes } from 'node:crypto'

import type { LogRecord } from '../../src/model/log-record.ts'
import { startChild, type RunningChild } from './child.ts'
import { libraryProgram, type LibrarySet } from './libraries.ts'
import { nodeBinary } from './nodes.ts'
import type { ReceivedSpan, Receiver } from './receiver.ts'
import { faultsOfPaths } from './task-tree.ts'

export interface QueueApp {
  readonly child: RunningChild
  /** A GET in a trace of its own, with this `tracestate`; resolves with what was answered. */
  ask(target: string, tracestate?: string): Promise<AskedTrace>
  /** Ends it by its own route and waits. */
  end(): Promise<void>
}

export interface AskedTrace {
  readonly traceId: string
  readonly answer: string
  spans(): readonly ReceivedSpan['span'][]
  logs(): readonly LogRecord[]
  /** The completion records of messages. */
  ends(): readonly LogRecord[]
  /** `producer send orders`, indented, children in order of their start; commands of the broker's protocol are left out. */
  tree(): readonly string[]
  until(what: string, condition: () => boolean): Promise<void>
  /**
   * Of a trace that was asked for as the first number of a task (`IN_TASK`): waits until one message was handled and no number of the
   * tree is missing. @returns the path of its completion record
   */
  pathInTree(): Promise<string>
}

/** The request is called from a task, as its first. */
export const IN_TASK = 'tracelog=p:1'

export interface QueueAppOptions {
  readonly program: string
  readonly set: LibrarySet
  readonly node: string
  readonly env: Readonly<Record<string, string>>
}

const CALLER = 'b7ad6b7169203331'

export async function startQueueApp(
  receiver: Receiver,
  { program, set, node, env }: QueueAppOptions,
): Promise<QueueApp> {
  const child = startChild(libraryProgram(program, set), {
    node: nodeBinary(node),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'shop', ...env },
  })
  await child.prints('port ')
  const base = `http://127.0.0.1:${/port (\d+)/.exec(child.stdout())?.[1]}`
  return {
    child,
    async ask(target, tracestate) {
      const traceId = randomBytes(16).toString('hex')
      const response = await fetch(base + target, {
        headers: { traceparent: `00-${traceId}-${CALLER}-01`, ...(tracestate !== undefined && { tracestate }) },
      })
      const answer = await response.text()
      if (!response.ok) throw new Error(`${target} was answered ${response.status}: ${answer}\n${child.stderr()}`)
      return askedTrace(receiver, traceId, answer)
    },
    async end() {
      await fetch(`${base}/end`).catch(() => {})
      await child.ended
    },
  }
}

/** What has arrived of a trace. */
export function askedTrace(receiver: Receiver, traceId: string, answer = ''): AskedTrace {
  const spans = () => receiver.receivedSpans.map(({ span }) => span).filter((span) => span.traceId === traceId)
  const logs = () => receiver.receivedLogs.map(({ record }) => record).filter((record) => record.traceId === traceId)
  const ends = () => logs().filter(({ eventName }) => eventName === 'tracelog.message.end')
  return {
    traceId,
    answer,
    spans,
    logs,
    ends,
    tree: () => treeOf(spans(), CALLER, 0),
    until: (what, condition) => receiver.until(what, condition, 20_000),
    async pathInTree() {
      const isWhole = () => ends().length === 1 && faultsOfPaths(logs().map((record) => ({ record }))).length === 0
      await receiver.until('the whole tree', isWhole, 20_000)
      return ends()[0]?.attributes['tracelog.task.path'] as string
    },
  }
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer']

function treeOf(spans: readonly ReceivedSpan['span'][], parent: string, depth: number): string[] {
  return spans
    .filter((span) => span.parentSpanId === parent && span.attributes['tracelog.component'] !== 'cache')
    .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .flatMap((span) => [
      `${'  '.repeat(depth)}${KINDS[span.kind]} ${span.name}`,
      ...treeOf(spans, span.spanId, depth + 1),
    ])
}
