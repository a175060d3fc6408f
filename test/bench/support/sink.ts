/**
 * An OTLP endpoint in a process of its own that answers 200 to everything: the cheapest peer an exporter can have.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Sink {
  readonly url: string
  stop(): void
}

export async function startSink(): Promise<Sink> {
  const child: ChildProcess = fork(fileURLToPath(new URL('../programs/sink.cjs', import.meta.url)), { execArgv: [] })
  const [port] = (await once(child, 'message')) as [number]
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() }
}
