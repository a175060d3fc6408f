/**
 * The export worker: a thread that is told what to send (protocol.ts) and says what became of it.
 *
 * Started by link.ts, without the application's flags: nothing is instrumented here. Also the bundle from which the main thread
 * loads the same sender when it can have no worker.
 */
import { isMainThread, workerData } from 'node:worker_threads'

import {
  RESULTS,
  STATE,
  STATE_ENDED,
  STATE_RUNNING,
  type Outcome,
  type ToWorker,
  type WorkerInput,
} from './protocol.ts'
import { createSender } from './sender.ts'

export { createSender } from './sender.ts'

function run({ port, signal, config }: WorkerInput): void {
  const sender = createSender(config)
  const answer = (outcome: Outcome) => {
    port.postMessage(outcome)
    Atomics.add(signal, RESULTS, 1)
    Atomics.notify(signal, RESULTS)
  }
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'hurry') sender.hurry(message.millis)
    else void sender.send(message.sent).then(answer)
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
