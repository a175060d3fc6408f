/**
 * The tools behind the protocol: lists those that the source can answer, runs calls within their limits, turns what goes wrong into
 * words for who asked.
 */
import type { Capability, LogSource } from '../sources/log-source.ts'
import { correctedQuery } from '../query-text/corrected-query.ts'
import { answerText } from './answer.ts'
import { budgetOf, readArguments, schemaOf } from './arguments.ts'
import { CALL_MILLIS, createCallLimits, LimitError } from './call-limits.ts'
import { unmarked } from './fence.ts'
import { RPC_ERROR, RpcError, type ProtocolServer, type ToolCall, type ToolResult } from './protocol.ts'
import { QuestionError } from './question-error.ts'
import type { Tool, ToolContext } from './tool.ts'
import { ALL_TOOLS } from './tools/all-tools.ts'
import { visibleLine } from '../model/visible-text.ts'
import { DATA_NOTE, NO_BACKEND, SKILL } from './words.ts'

export interface OpenedSource {
  readonly source: LogSource
  /** The page's base, without a token; undefined: this source has none. */
  readonly page: string | undefined
}

export interface McpServerOptions {
  readonly version: string
  /** What the source will answer, whether it is there yet or not. */
  readonly capabilities: ReadonlySet<Capability>
  /** Where to read from now; asked for each call, for a backend may be started later. @throws TracelogError */
  readonly open: (signal: AbortSignal) => Promise<OpenedSource>
  /** Milliseconds; default Date.now. */
  readonly now?: () => number
}

export function createMcpServer(options: McpServerOptions): ProtocolServer {
  const tools = ALL_TOOLS.filter(({ needs }) => needs.every((need) => options.capabilities.has(need)))
  const limits = createCallLimits(options.now)
  return {
    name: 'tracelog',
    version: options.version,
    instructions: SKILL,
    tools: () => tools.map(listingOf),
    async call(call) {
      const tool = tools.find(({ name }) => name === call.name)
      if (tool === undefined) throw new RpcError(RPC_ERROR.wrongParams, unknownTool(call.name, tools))
      try {
        const given = readArguments(tool.arguments, call.arguments)
        const millis = tool.millisOf?.(given) ?? CALL_MILLIS
        const text = await limits.run((signal) => answer(tool, { ...call, signal }, options), {
          signal: call.signal,
          millis,
        })
        return { content: [{ type: 'text', text }] }
      } catch (error) {
        return failure(error, call)
      }
    },
  }
}

function listingOf({ name, description, arguments: specs }: Tool): ReturnType<ProtocolServer['tools']>[number] {
  return {
    name,
    description: `${description} ${DATA_NOTE}`,
    inputSchema: schemaOf(specs),
    annotations: { readOnlyHint: true, openWorldHint: false },
  }
}

async function answer(tool: Tool, call: ToolCall, { open, now = Date.now }: McpServerOptions): Promise<string> {
  const given = readArguments(tool.arguments, call.arguments)
  const { source, page } = await open(call.signal)
  const context: ToolContext = {
    source,
    given,
    pageOf: (path, query = {}) => addressOf(page, path, query),
    signal: call.signal,
    progress: call.progress,
    now,
  }
  const format = given.text('format') === 'json' ? 'json' : 'text'
  return answerText(await tool.answer(context), { budget: budgetOf(given, tool.defaultBudget), format })
}

function addressOf(
  page: string | undefined,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (page === undefined) return undefined
  const url = new URL(path, page)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, value)
  }
  return url.href
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  return `there is no tool ${JSON.stringify(name.slice(0, 60))}, but ${tools.map((tool) => tool.name).join(', ')}`
}

function failure(error: unknown, call: ToolCall): ToolResult {
  return { content: [{ type: 'text', text: unmarked(failureText(error, call)) }], isError: true }
}

function failureText(error: unknown, call: ToolCall): string {
  if (error instanceof QuestionError || error instanceof LimitError) return visibleLine(error.message)
  if (!(error instanceof Error)) return visibleLine(String(error))
  const { code, hint } = error as Error & { readonly code?: unknown; readonly hint?: unknown }
  if (code === 'TRACELOG_BACKEND_UNREACHABLE') return `${NO_BACKEND} (${visibleLine(error.message)})`
  if (code !== 'TRACELOG_QUERY_SYNTAX')
    return visibleLine(typeof hint === 'string' ? `${error.message}. ${hint}` : error.message)
  const query = call.arguments['q']
  const better = typeof query === 'string' ? correctedQuery(query) : undefined
  return visibleLine(`${error.message}${better === undefined ? '' : `. Did you mean q: ${JSON.stringify(better)}?`}`)
}
