/**
 * What arrives on a stream of logs: its kinds of events, and how each is read from what the server sent.
 */
import type { SentEvent } from './sse-parser.ts'

/** A record as one flat line; all its other keys are attributes. */
export interface FlatLine {
  /** RFC 3339. */
  readonly timestamp?: string
  /** `INFO`, `ERROR` … */
  readonly level?: string
  readonly service?: string
  readonly message?: string
  readonly trace_id?: string
  readonly span_id?: string
  readonly [key: string]: unknown
}

/** How the call came out, as the server tells it: `unbound` is a stream that no call was bound to, `expired` one that was open too long. */
export type CallOutcome = 'ok' | 'error' | 'unbound' | 'expired'

export type LogEvent =
  | { readonly type: 'log'; readonly line: FlatLine }
  /** One line of what the call wrote to standard output, without its newline. */
  | { readonly type: 'stdout' | 'stderr'; readonly text: string; readonly at: string | undefined }
  /** So many events are not here: the server made them faster than they were read, or they were too many to be kept. */
  | { readonly type: 'gap'; readonly dropped: number }
  /** The last one. */
  | {
      readonly type: 'end'
      readonly status: CallOutcome
      readonly httpStatus: number | undefined
      /** Of the whole stream, as the server counts them. */
      readonly dropped: number
    }

/** @returns `undefined` for what is none: kinds of later versions, and what no server of ours sends */
export function readLogEvent({ type, data }: SentEvent): LogEvent | undefined {
  const fields = fieldsOf(data)
  if (fields === undefined) return undefined
  switch (type) {
    case 'log':
      return { type, line: fields }
    case 'stdout':
    case 'stderr': {
      const { text, at } = fields
      if (typeof text !== 'string') return undefined
      return { type, text, at: typeof at === 'string' ? at : undefined }
    }
    case 'gap':
      return { type, dropped: countOf(fields['dropped']) }
    case 'end':
      return {
        type,
        status: outcomeOf(fields['status']),
        httpStatus: typeof fields['http_status'] === 'number' ? fields['http_status'] : undefined,
        dropped: countOf(fields['dropped']),
      }
    default:
      return undefined
  }
}

function fieldsOf(data: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

const OUTCOMES: readonly unknown[] = ['ok', 'error', 'unbound', 'expired'] satisfies CallOutcome[]

/** An end is an end, whatever a later version calls it. */
function outcomeOf(status: unknown): CallOutcome {
  return OUTCOMES.includes(status) ? (status as CallOutcome) : 'ok'
}
