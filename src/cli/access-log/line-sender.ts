/**
 * Lines of an access log -> the backend (`POST /v1/lines`): in order, in batches, and again when it is away for a moment.
 */
import { say } from '../../diag/events.ts'
import { pause } from '../../sources/pause.ts'

export interface LineSenderOptions {
  /** OTLP/HTTP of the backend, without a path. */
  readonly endpoint: string
  /** What the lines are: `nginx`, `haproxy`. */
  readonly kind: string
  /** Whose they are. */
  readonly service: string
  /** Needed where the backend listens beyond loopback. */
  readonly token?: string | undefined
}

export interface LineSender {
  send(line: string): void
  /** Resolves when all lines are kept, or the backend did not answer for 5 s. */
  stop(): Promise<void>
}

/** In one request. */
const MAX_BATCH = 1_000
/** The same in characters; one line may be longer. */
const MAX_BATCH_LENGTH = 2_097_152
/** Waiting; beyond it the oldest go, a batch of them at once. */
const MAX_WAITING = 100_000
/** The same in characters. */
const MAX_WAITING_LENGTH = 67_108_864
/** For company. Milliseconds. */
const LINGER_MILLIS = 50
/** Between two tries. Milliseconds. */
const RETRY_MILLIS = 500
const ANSWER_MILLIS = 10_000
/** After the end. Milliseconds. */
const LAST_MILLIS = 5_000

/** Sends nothing before the first line. What is dropped or refused is said on stderr. */
export function createLineSender(options: LineSenderOptions): LineSender {
  const waiting: string[] = []
  let waitingLength = 0
  let dropped = 0
  let deadline = Number.POSITIVE_INFINITY
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    await pause(LINGER_MILLIS)
    for (let batch = take(); batch.length > 0; batch = take()) {
      while (!(await isAnswered(options, batch))) {
        if (performance.now() > deadline) {
          say('lines', `${batch.length + waiting.length} access lines were not delivered: nobody answers`)
          return
        }
        await pause(RETRY_MILLIS)
      }
    }
  }
  const take = (): string[] => {
    let length = 0
    const end = waiting.findIndex((line, index) => index >= MAX_BATCH || (length += line.length) > MAX_BATCH_LENGTH)
    const batch = waiting.splice(0, end < 0 ? waiting.length : Math.max(1, end))
    waitingLength -= lengthOf(batch)
    return batch
  }
  const start = (): void => {
    running ??= run().finally(() => (running = undefined))
  }
  return {
    send(line) {
      waiting.push(line)
      waitingLength += line.length
      if (waiting.length > MAX_WAITING || waitingLength > MAX_WAITING_LENGTH) {
        dropped += take().length
        say('lines', `access lines are dropped, ${dropped} so far: ${waiting.length} wait for the backend`)
      }
      start()
    },
    async stop() {
      deadline = performance.now() + LAST_MILLIS
      await running
    },
  }
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0)
}

/** @returns false when they are to be sent again */
async function isAnswered(
  { endpoint, kind, service, token }: LineSenderOptions,
  lines: readonly string[],
): Promise<boolean> {
  const url = new URL('/v1/lines', endpoint)
  url.searchParams.set('kind', kind)
  url.searchParams.set('service', service)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: lines.join('\n'),
      // Lines and token must not travel to wherever a redirect points.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MILLIS),
    })
    const text = await response.text()
    if (response.status === 429 || response.status >= 500) return false
    if (!response.ok)
      say('lines', `access lines (${lines.length}) were refused by ${url.origin} (HTTP ${response.status})`)
    else sayUnreadable(text)
    return true
  } catch {
    return false
  }
}

/** @param text  what the backend answered; of another server, that says 200 to everything, nothing can be read */
function sayUnreadable(text: string): void {
  const { unreadable = 0, first_problem: problem = '' } = parse(text)
  if (unreadable > 0)
    say('unreadable lines', `access lines (${unreadable}) are kept as text; of the last request ${problem}`)
}

function parse(text: string): Partial<LinesAnswer> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<LinesAnswer>
  } catch {
    return {}
  }
}

interface LinesAnswer {
  readonly unreadable: number
  readonly first_problem: string
}
