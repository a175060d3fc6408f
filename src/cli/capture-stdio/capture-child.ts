/**
 * `tracelog run --capture-stdio`: what the command prints goes where it went, and becomes records on the way, under the service's name.
 *
 * What a process with the preload prints is left to the preload, which knows the trace of each line.
 */
import type { ChildProcess } from 'node:child_process'

import { JoinedLines, type JoinedLine } from '../../model/line-shapes/joined-lines.ts'
import { readPrintedLine } from '../../model/line-shapes/printed-line.ts'
import { pause } from '../../sources/pause.ts'
import { createAnnouncements, type StreamName } from './announcements.ts'
import { passOn, type PassedOn } from './pass-on.ts'
import type { LineEngine } from './line-engine.ts'

export interface ChildCapture {
  /** For the command's environment. */
  readonly env: Readonly<Record<string, string>>
  /** The command runs, with pipes for both streams. */
  readonly watch: (child: ChildProcess) => void
  /** The command has ended: hands on what is left, and sends the records. Never rejects; again: does nothing. */
  end(): Promise<void>
}

/** A stack's lines come together; what waits for the rest of one waits no longer. Milliseconds. */
const REST_MILLIS = 50
/** Processes that the command has left behind may hold its output open: so long it may be silent. Milliseconds. */
const LAST_MILLIS = 200

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const

export function captureChild(engine: LineEngine): ChildCapture {
  const announcements = createAnnouncements()
  const streams: StreamRecords[] = []
  let isOver = false
  return {
    env: { TRACELOG_CAPTURE_STDIO: 'on', TRACELOG_CAPTURED_BY: announcements.path },
    watch(child) {
      announcements.learn(child.pid)
      for (const name of ['stdout', 'stderr'] as const) {
        const records = new StreamRecords(name, engine)
        const onChunk = (chunk: Buffer) => records.take(chunk, announcements.isCaptured(name))
        records.passed = passOn(child[name]!, DESCRIPTORS[name], onChunk)
        streams.push(records)
      }
    },
    async end() {
      if (isOver) return
      isOver = true
      await Promise.all(streams.map((stream) => stream.end()))
      announcements.stop()
      await engine.shutdown()
    },
  }
}

class StreamRecords {
  passed: PassedOn | undefined
  readonly #lines: JoinedLines<undefined>
  #decoder = new TextDecoder()
  #timer: NodeJS.Timeout | undefined
  #chunks = 0

  constructor(stream: StreamName, engine: LineEngine) {
    this.#lines = new JoinedLines((line: JoinedLine) => {
      // What is no text is passed on, and is no record.
      if (!line.text.includes('\0')) engine.emit(readPrintedLine(line, stream), stream)
    })
  }

  /** @param isCaptured  it has its records already */
  take(chunk: Buffer, isCaptured: boolean): void {
    this.#chunks++
    if (isCaptured) return this.#forget()
    this.#lines.push(this.#decoder.decode(chunk, { stream: true }), undefined)
    clearTimeout(this.#timer)
    if (this.#lines.isWaiting) this.#timer = setTimeout(() => this.#lines.flush(), REST_MILLIS)
  }

  async end(): Promise<void> {
    const ended = this.passed?.ended.then(() => true)
    for (let before = -1; before !== this.#chunks;) {
      before = this.#chunks
      if ((await Promise.race([ended, pause(LAST_MILLIS)])) === true) break
    }
    this.passed?.finish()
    await ended
    clearTimeout(this.#timer)
    this.#lines.end()
  }

  /** A line that was begun by others ends where somebody else writes. */
  #forget(): void {
    this.#lines.end()
    this.#decoder = new TextDecoder()
  }
}
