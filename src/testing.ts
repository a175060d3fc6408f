/**
 * For tests of applications, with any runner and without a network: what was logged and which spans were made while a function ran.
 *
 * A facade: the engine is the one that runs in this process (the preload, `start()`); else loading this file starts one that sends nothing.
 */
import { invalid } from './config/env.ts'
import { LEVEL_RULE, severityOf } from './config/level-config.ts'
import type { LevelName } from './app/tracelog.ts'
import { SEVERITY_OFF } from './model/severity.ts'
import type { CapturedRecord } from './testing/captured-record.ts'
import type { CapturedSpan } from './testing/captured-span.ts'
import type { CapturedTree } from './testing/captured-tree.ts'
import { engineOfTests } from './testing/engine-of-tests.ts'
import { Seen } from './testing/seen.ts'

export type { LevelName } from './app/tracelog.ts'
export type { AnyValue, Attributes } from './model/any-value.ts'
export type { Level } from './model/severity.ts'
export type { CapturedRecord } from './testing/captured-record.ts'
export type { CapturedEvent, CapturedSpan } from './testing/captured-span.ts'
export type { CapturedNode, CapturedTree } from './testing/captured-tree.ts'

export interface CaptureOptions {
  /** Lines from this level up are seen although no level lets them through. Default: only what leaves the process is seen. */
  readonly level?: LevelName
  /**
   * How long to wait at the end for spans that `fn` began and that have not ended: a server ends its request after its client has the
   * answer. Milliseconds; default 1000.
   */
  readonly settleMillis?: number
}

/** What was made while a function ran, in it and in what it awaited. */
export interface Captured {
  /** In the order in which they left. */
  readonly records: readonly CapturedRecord[]
  /** Those that have ended, in the order in which they began. */
  readonly spans: readonly CapturedSpan[]
  readonly tree: CapturedTree
}

/** The same of a function that came to its end. */
export interface CapturedRun<T> extends Captured {
  /** What the function returned, or what its promise became. */
  readonly value: T
}

const SETTLE_MILLIS = 1_000

/** Now, so that libraries which are loaded after this file are heard from their first line on. */
const engine = engineOfTests()

/** By the error that a captured function ended with. */
const failed = new WeakMap<object, Captured>()

/**
 * Runs `fn` and tells what was logged and which spans were made while it ran: in its calls, in what it awaited, and in the servers of
 * this process that it asked. Captures that run at the same time do not see each other's; one within another is seen by both.
 *
 * @returns rejects with the very error of `fn`; `capturedOf(error)` has what was captured until then
 * @throws TRACELOG_CONFIG_INVALID for a level that there is not
 */
export async function capture<T>(fn: () => T, options: CaptureOptions = {}): Promise<CapturedRun<Awaited<T>>> {
  const { level, settleMillis = SETTLE_MILLIS } = options
  const from = level === undefined ? SEVERITY_OFF : severityFrom(level)
  const seen = new Seen(from)
  const watch = engine.witness(seen)
  const end = async (): Promise<Captured> => {
    engine.settle()
    await watch.settled(settleMillis)
    engine.settle()
    watch.end()
    return seen.captured(engine.resource().attributes)
  }
  try {
    const value = await watch.run(fn)
    return { ...(await end()), value }
  } catch (error) {
    const captured = await end()
    if ((typeof error === 'object' && error !== null) || typeof error === 'function') failed.set(error, captured)
    throw error
  }
}

/**
 * What was captured before this error ended the captured function: of the outermost capture that it has passed through so far.
 *
 * @returns `undefined` for an error that no capture saw, and for what is no object
 */
export function capturedOf(error: unknown): Captured | undefined {
  return failed.get(error as object)
}

function severityFrom(level: LevelName): number {
  const severity = severityOf(level)
  if (severity === undefined) throw invalid('level', level, LEVEL_RULE)
  return severity
}
