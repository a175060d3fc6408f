/**
 * A load balancer's access log, as it is written, to the backend: which line is of which kind, and when has all been sent?
 *
 * The file is followed across rotations by rename and by truncation; it may not be there yet. A line that is not whole is waited for.
 */
import { basename } from 'node:path'

import { say } from '../../diag/events.ts'
import type { AccessLogKind } from '../../model/access-log/read-access-line.ts'
import { followLines } from '../../sources/files/follow-lines.ts'
import { createLineSenders } from './line-senders.ts'

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
  const { path, kind, endpoint, token } = options
  const lastLook = new AbortController()
  const lines = createLineSenders({ kind, service: basename(path), endpoint, token })
  const opened = Promise.withResolvers<void>()
  const ended = (async () => {
    const groups = followLines(path, {
      signal: new AbortController().signal,
      lastLook: lastLook.signal,
      from: 'end',
      onOpen: opened.resolve,
    })
    for await (const group of groups) for (const line of group.lines) if (line?.trim()) lines.send(line)
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
      await lines.stop()
    },
  }
}
