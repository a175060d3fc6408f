/**
 * JSON-RPC 2.0 as the Model Context Protocol speaks it on standard input and output: a message a line.
 *
 * Knows the protocol and no tool. Source: modelcontextprotocol.io, revisions 2024-11-05 to 2025-11-25; transport "stdio". What is
 * deliberately absent: resources, prompts, sampling, and requests of ours to the client.
 */
import { readMessageLines } from './message-lines.ts'

/** Newest first. */
export const PROTOCOL_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

export const RPC_ERROR = {
  notJson: -32_700,
  notARequest: -32_600,
  noSuchMethod: -32_601,
  wrongParams: -32_602,
  ours: -32_603,
} as const

/** What a client is answered instead of a result. */
export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export interface ToolListing {
  readonly name: string
  readonly description: string
  readonly inputSchema: unknown
  readonly annotations: Readonly<Record<string, unknown>>
}

export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[]
  readonly isError?: boolean
}

export interface ToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** The client no longer wants the answer. */
  readonly signal: AbortSignal
  /** Says how far it is, if the client wants to know. */
  readonly progress: (done: number, total: number, message: string) => void
}

export interface ProtocolServer {
  readonly name: string
  readonly version: string
  readonly instructions: string
  tools(): readonly ToolListing[]
  /** @throws RpcError for a name that there is not; all else that goes wrong is a result */
  call(call: ToolCall): Promise<ToolResult>
}

type Id = string | number
interface Message {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

/** Serves one client until it closes its end. @param write  one message with its line end */
export async function serveProtocol(
  input: AsyncIterable<Uint8Array>,
  write: (line: string) => Promise<void> | void,
  server: ProtocolServer,
): Promise<void> {
  const session = new Session(server, async (message) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`))
  try {
    for await (const line of readMessageLines(input)) session.line(line)
  } finally {
    session.end()
  }
}

class Session {
  readonly #server: ProtocolServer
  readonly #send: (message: Record<string, unknown>) => Promise<void>
  readonly #running = new Map<Id, AbortController>()

  constructor(server: ProtocolServer, send: (message: Record<string, unknown>) => Promise<void>) {
    this.#server = server
    this.#send = send
  }

  /** Answers when it can; the next line is read meanwhile, for it may take this one back. */
  line(text: string | undefined): void {
    if (text === undefined) return this.#refuse(RPC_ERROR.notARequest, 'the message is longer than 1 MiB')
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return this.#refuse(RPC_ERROR.notJson, 'the message is not JSON')
    }
    // Batches were in one revision only; their answers may come one by one, as all answers.
    for (const one of Array.isArray(message) ? message : [message]) this.#message(one)
  }

  /** Nobody reads any more. */
  end(): void {
    for (const controller of this.#running.values()) controller.abort()
  }

  #message(value: unknown): void {
    const message: Message = typeof value === 'object' && value !== null ? value : {}
    const { id, method } = message
    // Answers to requests, of which we make none.
    if (method === undefined && (message.result !== undefined || message.error !== undefined)) return
    if (typeof method !== 'string') return this.#refuse(RPC_ERROR.notARequest, 'the message has no method', idOf(id))
    if (id === undefined) return this.#notification(method, message.params)
    const known = idOf(id)
    if (known === null) return this.#refuse(RPC_ERROR.notARequest, 'the id is neither a text nor a number')
    void this.#request(known, method, paramsOf(message.params))
  }

  async #request(id: Id, method: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const controller = new AbortController()
    this.#running.set(id, controller)
    try {
      const result = await this.#answer(method, params, controller.signal)
      // Who takes a question back is not answered.
      if (!controller.signal.aborted) await this.#send({ id, result })
    } catch (error) {
      if (controller.signal.aborted) return
      const code = error instanceof RpcError ? error.code : RPC_ERROR.ours
      await this.#send({ id, error: { code, message: error instanceof Error ? error.message : String(error) } })
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id)
    }
  }

  async #answer(method: string, params: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    switch (method) {
      case 'initialize':
        return this.#greeting(params['protocolVersion'])
      case 'ping':
        return {}
      case 'tools/list':
        return { tools: this.#server.tools() }
      case 'tools/call':
        return await this.#call(params, signal)
      default:
        throw new RpcError(RPC_ERROR.noSuchMethod, `there is no method ${JSON.stringify(method.slice(0, 60))}`)
    }
  }

  #greeting(asked: unknown): unknown {
    const { name, version, instructions } = this.#server
    const protocolVersion = PROTOCOL_VERSIONS.find((known) => known === asked) ?? PROTOCOL_VERSIONS[0]
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name, version }, instructions }
  }

  async #call(params: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ToolResult> {
    const { name } = params
    if (typeof name !== 'string') throw new RpcError(RPC_ERROR.wrongParams, 'the call has no name')
    const token = idOf(paramsOf(params['_meta'])['progressToken'])
    const progress: ToolCall['progress'] = (done, total, message) => {
      if (token === null || signal.aborted) return
      const told = { progressToken: token, progress: done, total, message }
      void this.#send({ method: 'notifications/progress', params: told })
    }
    return await this.#server.call({ name, arguments: paramsOf(params['arguments']), signal, progress })
  }

  /** All but one ask for nothing. */
  #notification(method: string, params: unknown): void {
    if (method !== 'notifications/cancelled') return
    const id = idOf(paramsOf(params)['requestId'])
    if (id !== null) this.#running.get(id)?.abort()
  }

  #refuse(code: number, message: string, id: Id | null = null): void {
    void this.#send({ id, error: { code, message } })
  }
}

function idOf(value: unknown): Id | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function paramsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
