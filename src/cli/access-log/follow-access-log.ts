/**
 * A load balancer's access log, as it is written, to the backend: which line is of which kind, and when has all been sent?
 *
 * The file is followed across rotations by rename and by truncation; it may not be there yet. A line that is not whole is waited for.
 */
import { basename } from 'node:path'

import { say } from '../../diag/events.ts'
import { type AccessLogKind, detectAccessLogKind } from '../../model/access-log/read-access-line.ts'
import { followLines } from '../../sources/files/follow-lines.ts'
import { createLineSender, type LineSender } from './line-sender.ts'

export interface AccessLogOptions {
  readonly path: string
  /** What its lines are; default: what each says itself. */
  readonly kind?: AccessLogKind | undefined
  /** OTLP/HTTP of the backend, without a path. */
  readonly endpoint: string
  readonly token?: string | undefined
}

export interface FollowedAccessLog {
  /** Resolves when it was stopped. @throws when the file cannot be read any longer */
  readonly ended: Promise<void>
  /** Sends what has been written until now, and ends. Never rejects; again: does nothing. */
  stop(): Promise<void>
}

/** Resolves when every line that is written from now on will be sent. */
export async function followAccessLog(options: AccessLogOptions): Promise<FollowedAccessLog> {
  const { path } = options
  const lastLook = new AbortController()
  const senders = createSenders(options)
  const opened = Promise.withResolvers<void>()
  const ended = (async () => {
    const groups = followLines(path, {
      signal: new AbortController().signal,
      lastLook: lastLook.signal,
      from: 'end',
      onOpen: opened.resolve,
    })
    for await (const group of groups) for (const line of group.lines) if (line?.trim()) senders.of(line).send(line)
  })()
  await Promise.race([opened.promise, ended])
  // Told, not thrown: the command beside it goes on, and its exit code is the one that counts.
  const told = ended.catch(
    (error: unknown) => void say('access log', `${path} is followed no longer: ${String(error)}`),
  )
  return {
    ended,
    async stop() {
      lastLook.abort()
      await told
      await senders.stop()
    },
  }
}

interface Senders {
  of(line: string): LineSender
  stop(): Promise<void>
}

/** One for each kind that comes up; what is of no kind goes as it is, under the file's name. */
function createSenders({ path, kind: stated, endpoint, token }: AccessLogOptions): Senders {
  const senders = new Map<string, LineSender>()
  return {
    of(line) {
      const kind = stated ?? detectAccessLogKind(line) ?? 'flat'
      let sender = senders.get(kind)
      if (sender === undefined) {
        sender = createLineSender({ endpoint, kind, token, service: kind === 'flat' ? basename(path) : kind })
        senders.set(kind, sender)
      }
      return sender
    },
    async stop() {
      await Promise.all([...senders.values()].map((sender) => sender.stop()))
    },
  }
}
