/**
 * `tracelog call URL`: makes a request as curl does, the response on standard output, the lines that the server writes for it on standard
 * error while it runs.
 */
import { withLogs, type LogStreamStatus } from '../client.ts'
import { failedCall, FAILED_STATUS } from './call/call-failure.ts'
import { createCallPrinter, type CallPrinter } from './call/call-printer.ts'
import { readCall, type Call } from './call/read-call.ts'
import { printBody } from './call/response-body.ts'
import { JSON_FLAG, type Command, type Invocation } from './command.ts'
import { awaitLines } from './call/await-lines.ts'
import { EXIT } from './exit-code.ts'
import { createInterrupt } from './interrupt.ts'

export const callCommand: Command = {
  name: 'call',
  summary: 'Make one HTTP request and show the lines that it causes on the server, while it runs',
  operands: 'URL',
  operandCount: { min: 1, max: 1 },
  flags: {
    request: { type: 'string', value: 'METHOD', short: 'X', help: 'the method (default: GET; POST with --data)' },
    header: { type: 'string', value: 'HEADER', short: 'H', help: 'a header, "Name: value"; again for more' },
    data: {
      type: 'string',
      value: 'TEXT',
      short: 'd',
      help: 'the body; @FILE reads it from a file, @- from standard input',
    },
    location: { type: 'boolean', short: 'L', help: 'follow redirects' },
    fail: { type: 'boolean', short: 'f', help: 'end with 22, and without the body, when the status is 400 or more' },
    streams: {
      type: 'string',
      value: 'BASE',
      help: "where streams of logs are opened (default: /.tracelog/v1 of the URL's server)",
    },
    authorization: {
      type: 'string',
      value: 'TEXT',
      help: 'the header Authorization for opening it, "Bearer …"; @FILE reads it from a file. The call itself never gets it',
    },
    level: { type: 'string', value: 'LEVEL', help: 'lines from this level up (default: what the server grants)' },
    ...JSON_FLAG,
  },
  details: `The call never depends on its lines: where the server gives none, or the connection to them breaks, it is as without. It ends when the
response and all that the request began on the server are over: a job that goes on after a 202 too. Ctrl-C ends it at once.
Where TRACELOG_RETURN_KEY or TRACELOG_RETURN_KEY_FILE is the key that the server has, no --authorization is needed.
With --json each line is an event: {"type":"log","line":{…}}, {"type":"stdout","text":…}.`,
  examples: [
    ['tracelog call http://localhost:3000/orders', 'a GET'],
    ['tracelog call -X POST -d @order.json http://localhost:3000/orders > answer.json', 'the response into a file'],
    ['tracelog call --level debug --fail http://localhost:3000/health', 'for scripts'],
  ],
  exitCodes: {
    '0': 'a response came, of whatever status',
    '1': 'the output cannot be written',
    '3': 'is not used',
    '6': 'the host is not known',
    '7': 'no connection',
    '22': 'with --fail: the status is 400 or more',
    '28': 'the connection took too long',
    '56': 'the connection broke before the response was there',
    '60': 'the certificate is not trusted',
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const call = await readCall(invocation)
  const printer = createCallPrinter(invocation)
  const interrupt = createInterrupt()
  const logged = withLogs(fetch, {
    streams: call.streams,
    ...(call.authorization === undefined ? {} : { authorization: call.authorization }),
    ...(call.level === undefined ? {} : { level: call.level }),
    ...printer.callbacks,
  })
  try {
    const { response, logs } = await logged(call.url, { ...call.init, signal: interrupt.signal })
    void interrupt.came.then(() => logs.close())
    const isFailure = call.fails && response.status >= FAILED_STATUS
    if (isFailure) await response.body?.cancel()
    else await printBody(response, invocation.io.out)
    sayHowItEnded(await awaitLines(logs, printer), call, printer)
    return isFailure ? FAILED_EXIT : EXIT.done
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED_EXIT
    throw failedCall(error, call.url)
  } finally {
    interrupt.stop()
  }
}

/** As curl has them. */
const FAILED_EXIT = 22
/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED_EXIT = 130

function sayHowItEnded(status: LogStreamStatus, { streams }: Call, printer: CallPrinter): void {
  if (status === 'unavailable') printer.remark(`no lines (any more) of this call from ${streams}`)
  if (status === 'unbound') {
    printer.remark('the server of the call knows no such stream: behind a load balancer, --streams must be the backend')
  }
  if (status === 'expired') printer.remark('the time of the stream is over, the call goes on')
}
