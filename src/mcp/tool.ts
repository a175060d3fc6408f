/**
 * What a tool is: its name, its arguments, what it needs of a source, and how it answers. One file below tools/ exports one.
 */
import type { Capability, LogSource } from '../sources/log-source.ts'
import type { Answer } from './answer.ts'
import type { Arguments, ArgumentSpec } from './arguments.ts'
import type { ToolCall } from './protocol.ts'

export interface Tool {
  readonly name: string
  readonly description: string
  /** Beside those of every tool (arguments.ts). */
  readonly arguments: Readonly<Record<string, ArgumentSpec>>
  /** A source that lacks one of them does not list the tool. */
  readonly needs: readonly Capability[]
  /** Tokens without `budget`. */
  readonly defaultBudget?: number
  /** How long a call may take, where that is not CALL_MILLIS. */
  readonly millisOf?: (given: Arguments) => number
  answer(call: ToolContext): Promise<Answer>
}

export interface ToolContext {
  readonly source: LogSource
  readonly given: Arguments
  /** The page's address of a path and a query, without a token; undefined where there is no page. */
  readonly pageOf: (path: string, query?: Readonly<Record<string, string | undefined>>) => string | undefined
  readonly signal: AbortSignal
  readonly progress: ToolCall['progress']
  readonly now: () => number
}
