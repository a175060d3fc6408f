/**
 * The export worker: a thread that is told what to send (protocol.ts) and says what became of it.
 *
 * Started by link.ts, without the application's flags: nothing is instrumented here. Also the bundle from which the main thread
 * loads the same sender when it can have no worker.
 */
import { isMainThread, workerData } from 'node:worker_threads'

import { createSpool } from '../spool/create-spool.ts'
import {
  RESULTS,
  STATE,
  STATE_ENDED,
  STATE_RUNNING,
  type Disowned,
  type FromWorker,
  type Outcome,
  type SenderConfig,
  type SenderNews,
  type SentBatch,
  type ToWorker,
  type WorkerInput,
} from './protocol.ts'
import { createPlainSender, type Sender } from './sender.ts'

/** Whom a sender serves. */
export interface Surroundings {
  readonly disowned: Disowned
  readonly tell: (news: SenderNews) => void
}

export function createSender(config: SenderConfig, surroundings: Surroundings): Sender {
  const sender = createPlainSender(config, surroundings.tell)
  return config.spool === undefined
    ? sender
    : createSpool(config.spool, { ...surroundings, sender, lanes: config.lanes })
}

/** For the application's thread, when a record must be on disk at once. */
export { createWriteAhead, keepSync } from '../spool/from-main-thread.ts'

function run({ port, signal, config, disowned }: WorkerInput): void {
  const post = (message: FromWorker, transferred: ArrayBuffer[] = []) => {
    port.postMessage(message, transferred)
    Atomics.add(signal, RESULTS, 1)
    Atomics.notify(signal, RESULTS)
  }
  const answer = (outcome: Outcome, { batch }: SentBatch) => {
    if (config.spool !== undefined) post(outcome)
    else post({ ...outcome, memory: batch.bytes.buffer }, [batch.bytes.buffer])
  }
  const sender = createSender(config, { disowned, tell: (news) => post({ news }) })
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'hurry') sender.hurry(message.millis)
    else if (message.kind === 'settle') sender.settle()
    else void sender.send(message.sent).then((outcome) => answer(outcome, message.sent))
  })
  process.once('exit', () => {
    Atomics.store(signal, STATE, STATE_ENDED)
    // The main thread may be blocked on it: the count is what it waits for.
    Atomics.add(signal, RESULTS, 1)
    Atomics.notify(signal, RESULTS)
  })
  Atomics.store(signal, STATE, STATE_RUNNING)
}

if (!isMainThread && isOurs(workerData)) run(workerData)

function isOurs(data: unknown): data is WorkerInput {
  return typeof data === 'object' && data !== null && 'org.tracelog.worker' in data
}
