/**
 * The store's thread: opens the engine and answers what duckdb-store.ts asks.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { TracelogError } from '../../diag/errors.ts'
import { Engine } from './engine.ts'
import { buffersOf } from './row-blocks.ts'
import type { FromWorker, Question, SentError, ToWorker, WorkerOptions } from './worker-protocol.ts'

const port = parentPort
if (port === null) throw new Error('store-worker.js is started by duckdb-store.js, not by itself')
const send = (message: FromWorker, moved: ArrayBuffer[] = []): void => port.postMessage(message, moved)

/** How each question is answered. */
async function answer(engine: Engine, question: Exclude<Question, { kind: 'readRows' }>): Promise<unknown> {
  switch (question.kind) {
    case 'flush':
      return await engine.flush()
    case 'caughtUp':
      return await engine.caughtUp()
    case 'roll':
      return await engine.roll()
    case 'stats':
      return await engine.stats()
    case 'clear':
      return await engine.clear(question.before)
    case 'stop':
      return await engine.stop()
    case 'read':
      return await engine.pool.read(question.sql, question.parameters, question.options)
    default:
      return await engine.pool.readUser(question.sql, question.options)
  }
}

function toSent(error: unknown): SentError {
  if (error instanceof TracelogError) return { message: error.message, code: error.code, hint: error.hint }
  return { message: error instanceof Error ? error.message : String(error) }
}

async function serve(engine: Engine, message: ToWorker): Promise<void> {
  if (message.kind === 'append') engine.append(message.request)
  else if (message.kind === 'live') engine.isLive = message.isOn
  else {
    const { id } = message
    try {
      if (message.kind === 'readRows') {
        const blocks = await engine.pool.readRows(message.question, message.options)
        send({ kind: 'result', id, value: blocks }, buffersOf(blocks))
      } else send({ kind: 'result', id, value: await answer(engine, message) })
    } catch (error) {
      send({ kind: 'error', id, error: toSent(error) })
    }
    if (message.kind === 'stop') port?.close()
  }
}

try {
  const engine = await Engine.open(workerData as WorkerOptions, {
    decoded: (bytes) => send({ kind: 'decoded', bytes }),
    committed: (sequence) => send({ kind: 'committed', sequence }),
    live: (batch) => send({ kind: 'live', batch }),
    columns: (signal, columns) => send({ kind: 'columns', signal, columns }),
    failed: (what, error) => send({ kind: 'failed', what, message: toSent(error).message }),
  })
  port.on('message', (message: ToWorker) => void serve(engine, message))
  send({ kind: 'started', position: engine.position })
} catch (error) {
  send({ kind: 'notStarted', error: toSent(error) })
}
