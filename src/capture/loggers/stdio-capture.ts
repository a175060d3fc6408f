/**
 * TRACELOG_CAPTURE_STDIO: what the application writes to process.stdout and process.stderr itself becomes records (stdio-records.ts).
 *
 * What a thread of the application prints is heard in the thread, with its trace; on its way through the main thread it is passed over. So
 * is what pino-pretty prints of a line that pino's bridge has told.
 */
import type { EventEmitter } from 'node:events'
import { appendFileSync, fstatSync } from 'node:fs'
import { getCallSites } from 'node:util'

import { safely } from '../../diag/guarded.ts'
import { listenUnseen } from '../../diag/own-listeners.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { Instrumentation } from '../instrumentation.ts'
import { hearStdio, type StdioWrite } from '../stdio.ts'
import { hearConsolePrinting, isConsolePrinting, isPrettyLine, prettyStreamBegun } from './printed-lines.ts'
import { createStdioRecords, type StdioRecords } from './stdio-records.ts'

export interface StdioCaptureOptions {
  readonly records: RecordEmitter
  /** The file of a `tracelog run` that reads what this process prints. */
  readonly capturedBy: string | undefined
}

export function createStdioCapture(options: StdioCaptureOptions): Instrumentation {
  let made: StdioRecords | undefined
  let undo: (() => void)[] = []
  /** What a thread has written, on its way. */
  let ofThread: unknown
  /** What pino-pretty is about to print. */
  let pretty: unknown
  const onPipe = (source: EventEmitter) => {
    if (source.constructor.name === 'ReadableWorkerStdio') {
      listenUnseen(source, 'data', (chunk: unknown) => (ofThread = chunk), { isFirst: true })
    } else if (isPipedByPretty()) {
      prettyStreamBegun()
      listenUnseen(source, 'data', (chunk: unknown) => (pretty = chunk), { isFirst: true })
    }
  }
  const isTold = ({ chunk }: StdioWrite): boolean => {
    if (chunk === ofThread || isConsolePrinting()) return true
    if (pretty === undefined || chunk !== pretty) return false
    pretty = undefined
    return isPrettyLine(String(chunk))
  }
  return {
    name: 'stdio',
    enable() {
      if (undo.length > 0) return
      const records = (made ??= createStdioRecords(options))
      if (options.capturedBy !== undefined) announce(options.capturedBy)
      undo = [
        hearConsolePrinting(),
        hearStdio((write) => {
          if (!isTold(write)) records.write(write)
        }),
        ...[process.stdout, process.stderr].map((stream) => listenUnseen(stream, 'pipe', onPipe)),
      ]
    },
    disable() {
      for (const step of undo) step()
      undo = []
    },
    status: () => (undo.length > 0 ? 'active' : 'off'),
    settle: () => made?.settle(),
  }
}

/** Its stream is one of Node's own classes: only who makes the pipe tells. */
function isPipedByPretty(): boolean {
  return getCallSites(PIPE_DEPTH).some(({ scriptName }) => /[/\\]pino-pretty[/\\]/.test(scriptName))
}

/** Between its function and the event of the pipe; twice what it is in 9.0 and 13.2. Frames. */
const PIPE_DEPTH = 24

/** Before a line of the application runs: the reader looks there before it reads what we print (`cli/capture-stdio/announcements.ts`). */
function announce(file: string): void {
  safely('TRACELOG_CAPTURED_BY', () => {
    const [out, err] = [1, 2].map((descriptor) => fstatSync(descriptor).ino)
    // One write: others announce themselves in the same file.
    appendFileSync(file, `${process.pid} ${out} ${err}\n`, { flag: 'a' })
  })
}
