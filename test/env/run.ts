/** A program of test/fixtures/env under some settings, to its end, and what the endpoint has got of it. */
import { runChild, type ChildEnd } from '../support/child.ts'
import { startReceiver, type ReceivedRequest } from '../support/receiver.ts'
import type { ReceivedLog, ReceivedSpan } from '../support/wire.ts'

export interface Seen extends ChildEnd {
  readonly logs: readonly ReceivedLog[]
  readonly spans: readonly ReceivedSpan[]
  readonly requests: readonly ReceivedRequest[]
}

export async function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Seen> {
  const receiver = await startReceiver()
  try {
    const ended = await runChild(program, { args, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env } })
    const { receivedLogs: logs, receivedSpans: spans, requests } = receiver
    return { ...ended, logs, spans, requests }
  } finally {
    await receiver.close()
  }
}

/** One line of the program `shop`: an answer's headers, and those of its request as the server got them. */
export interface Exchange {
  readonly answer: Readonly<Record<string, string>>
  readonly request: Readonly<Record<string, string>>
}

/** The program `shop` is asked for these paths by itself. */
export async function shop(
  paths: readonly string[],
  env: Record<string, string> = {},
): Promise<Seen & { readonly exchanges: Exchange[] }> {
  const seen = await run('env/shop.cjs', paths, env)
  const lines = seen.stdout.split('\n').filter((line) => line !== '')
  return { ...seen, exchanges: lines.map((line) => JSON.parse(line) as Exchange) }
}
