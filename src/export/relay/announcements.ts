/**
 * Worker threads of the application announce themselves in the main thread, by the process event `workerMessage`.
 *
 * An application that listens to it too must not see that: Node calls listeners in turn and catches what one of them throws, so ours
 * comes first and throws (own-listeners.ts).
 */
import type { MessagePort } from 'node:worker_threads'

import { listenUnseen } from '../../diag/own-listeners.ts'
import { isHandover, RELAY_KEY, type ToThread } from './protocol.ts'

export interface Announcement {
  readonly threadId: number
  readonly port: MessagePort
  readonly taken: Int32Array<SharedArrayBuffer>
}

/** @returns ends it */
export function listenToThreads(accept: (announcement: Announcement) => void): () => void {
  const onMessage = (message: unknown, threadId: number): boolean => {
    if (!isHandover(message)) return false
    accept({ threadId, ...message[RELAY_KEY] })
    return true
  }
  return listenUnseen(process, 'workerMessage', onMessage, { isFirst: true, mayHide: true })
}

/** Sends every thread's engine away: this process is no application. */
export function refuseThreads(): void {
  listenToThreads(({ port }) => {
    port.postMessage({ kind: 'nothing' } satisfies ToThread)
    port.unref()
  })
}
