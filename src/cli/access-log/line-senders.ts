/**
 * Lines of any kinds to the backend, each by the kind that it says itself: one sender for each kind that comes up.
 */
import { type AccessLogKind, detectAccessLogKind } from '../../model/access-log/read-access-line.ts'
import { createLineSender, type LineSender } from './line-sender.ts'

export interface LineSendersOptions {
  /** What all lines are; default: what each says itself. */
  readonly kind?: AccessLogKind | undefined
  /** Whose the lines of no kind are, where they do not say it themselves. */
  readonly service: string
  /** OTLP/HTTP of the backend, without a path. */
  readonly endpoint: string
  readonly token?: string | undefined
}

/** What is of no kind goes as it is. */
export function createLineSenders({ service, kind: stated, endpoint, token }: LineSendersOptions): LineSender {
  const senders = new Map<string, LineSender>()
  return {
    send(line) {
      const kind = stated ?? detectAccessLogKind(line) ?? 'flat'
      let sender = senders.get(kind)
      if (sender === undefined) {
        sender = createLineSender({ endpoint, kind, token, service: kind === 'flat' ? service : kind })
        senders.set(kind, sender)
      }
      sender.send(line)
    },
    async stop() {
      await Promise.all([...senders.values()].map((sender) => sender.stop()))
    },
  }
}
