/**
 * `--syslog PORT`: lines that load balancers send by syslog, to the backend, without a Collector in between.
 *
 * Access lines are read as those of a file are (`--access-log`); what other programs send is kept as what they say.
 */
import { say, tell } from '../../diag/events.ts'
import { TracelogError } from '../../diag/errors.ts'
import { createLineSenders } from './line-senders.ts'
import { startSyslogReceiver } from './syslog-receiver.ts'

export interface TakenSyslog {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Sends what has been taken until now, and ends. Never rejects; again: does nothing. */
  stop(): Promise<void>
}

interface Destination {
  /** OTLP/HTTP of the backend, without a path. */
  readonly endpoint: string
  readonly token?: string | undefined
}

/** @throws TRACELOG_PORT_IN_USE */
export async function takeSyslog(port: number, { endpoint, token }: Destination): Promise<TakenSyslog> {
  const lines = createLineSenders({ service: 'syslog', endpoint, token })
  const refused = { tooLong: 0, foreign: 0 }
  const sayRefused = () => say('syslog', refusedText(refused))
  const receiver = await startSyslogReceiver({
    port,
    // A message may hold newlines; here a line is a record.
    onMessage: (message) => lines.send(message.replaceAll('\n', String.raw`\n`)),
    onTooLong() {
      refused.tooLong += 1
      sayRefused()
    },
    onForeign() {
      refused.foreign += 1
      sayRefused()
    },
  }).catch((error: unknown) => {
    throw unusable(port, error as NodeJS.ErrnoException)
  })
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await receiver.stop()
    await lines.stop()
    // What came within the last ten silent seconds is told, too.
    if (refused.tooLong + refused.foreign > 0) tell(refusedText(refused))
  }
  return { address: receiver.address, stop: () => (stopped ??= stop()) }
}

function refusedText({ tooLong, foreign }: { tooLong: number; foreign: number }): string {
  return `syslog: ${tooLong} messages were longer than 64 KiB and are not kept, ${foreign} connections were not syslog and were closed`
}

function unusable(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'EADDRINUSE') {
    return new TracelogError(`--syslog is "${port}", but 127.0.0.1:${port} cannot be listened on: ${error.message}`, {
      code: 'TRACELOG_CONFIG_INVALID',
      hint: 'Choose another port with --syslog (0: any free one).',
      cause: error,
    })
  }
  return new TracelogError(`port ${port} (syslog) is taken by another process`, {
    code: 'TRACELOG_PORT_IN_USE',
    hint: 'Stop that process, or choose another port with --syslog (0: any free one).',
    cause: error,
  })
}
